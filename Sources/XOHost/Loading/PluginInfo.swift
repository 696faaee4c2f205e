import CXOPlugin
import XOJSON
import XOProtocol

/// What a plugin says of itself: its descriptor, checked.
struct PluginInfo: Sendable {
    let id: String
    let version: String
    let name: String
    let summary: String
    let needs: [String]
    let provides: [String]
    let isConcurrent: Bool
    /// `nil` if the plugin takes any configuration.
    let configurationSchema: JSONSchema?
    let configurationSchemaText: JSON?

    init(_ descriptor: UnsafePointer<xo_descriptor>, path: String) throws(LoadError) {
        let size = Int(descriptor.pointee.struct_size)
        guard size >= MemoryLayout<xo_descriptor>.size else {
            throw LoadError(
                path, "announces a descriptor of \(size) bytes, expected \(MemoryLayout<xo_descriptor>.size)")
        }
        func text(_ view: xo_str, _ field: String) throws(LoadError) -> String {
            guard let text = view.string else {
                throw LoadError(path, "has a malformed descriptor: `\(field)` is not UTF-8, or its length lies")
            }
            return text
        }
        id = try text(descriptor.pointee.id, "id")
        guard PluginInfo.isIdentifier(id) else {
            throw LoadError(path, "has the id '\(id)'; expected 1 to 128 characters of a-z, 0-9, '.' and '-'")
        }
        version = try text(descriptor.pointee.version, "version")
        guard !version.isEmpty else { throw LoadError(path, "has no version in its descriptor") }
        name = try text(descriptor.pointee.name, "name")
        summary = try text(descriptor.pointee.description, "description")
        isConcurrent = descriptor.pointee.flags & UInt32(XO_PLUGIN_CONCURRENT) != 0
        func list(
            _ first: UnsafePointer<xo_str>?, _ count: UInt32, _ stride: UInt32, _ field: String
        ) throws(LoadError) -> [String] {
            guard count > 0 else { return [] }
            guard let first, Int(stride) >= MemoryLayout<xo_str>.size, count <= 1000 else {
                throw LoadError(path, "has a malformed descriptor: the list `\(field)`")
            }
            var texts: [String] = []
            for index in 0..<Int(count) {
                let view = UnsafeRawPointer(first).loadUnaligned(fromByteOffset: index * Int(stride), as: xo_str.self)
                texts.append(try text(view, field))
            }
            return texts
        }
        needs = try list(
            descriptor.pointee.needs, descriptor.pointee.needs_count, descriptor.pointee.needs_stride, "needs")
        provides = try list(
            descriptor.pointee.provides, descriptor.pointee.provides_count, descriptor.pointee.provides_stride,
            "provides")
        let schema = try text(descriptor.pointee.configuration_schema, "configuration_schema")
        guard !schema.isEmpty else {
            (configurationSchema, configurationSchemaText) = (nil, nil)
            return
        }
        do {
            let json = try JSON(parsing: schema)
            (configurationSchema, configurationSchemaText) = (try JSONSchema(json), json)
        } catch {
            throw LoadError(path, "has a broken configuration schema: \(error)")
        }
    }

    private static func isIdentifier(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D
            }
    }
}
