import CXOPlugin
import XOJSON
import XOProtocol

/// What the plugin says of itself, checked.
struct Descriptor {
    let id: String
    let isConcurrent: Bool
    /// The schema of its configuration as it is written; `nil` if there is none, and any object goes.
    let schemaText: String?

    private static let longestIdentifier = 128

    /// - Throws: a breach of kind `descriptor`.
    init(_ pointer: UnsafePointer<xo_descriptor>) throws(Breach) {
        let size = Int(pointer.pointee.struct_size)
        guard size >= MemoryLayout<xo_descriptor>.size else {
            throw Breach(
                .descriptor, "Its struct_size is \(size), expected at least \(MemoryLayout<xo_descriptor>.size).")
        }
        let record = pointer.pointee
        func text(_ view: xo_str, _ field: String) throws(Breach) -> String {
            guard let text = view.string else {
                throw Breach(.descriptor, "Its \(field) is not UTF-8, or its length lies.")
            }
            return text
        }
        id = try text(record.id, "id")
        guard (1...Self.longestIdentifier).contains(id.utf8.count), id.utf8.allSatisfy(Self.isAllowed) else {
            throw Breach(.descriptor, "Its id is '\(id)', expected 1 to 128 characters of a-z, 0-9, '.' and '-'.")
        }
        let version = try text(record.version, "version")
        let numbers = version.prefix { $0 != "-" && $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy({ UInt($0) != nil }) else {
            throw Breach(.descriptor, "Its version is '\(version)', expected three numbers such as 1.0.0.")
        }
        for (view, field) in [
            (record.name, "name"), (record.description, "description"), (record.vendor, "vendor"),
        ] { _ = try text(view, field) }
        for (first, count, stride, field) in [
            (record.needs, record.needs_count, record.needs_stride, "needs"),
            (record.provides, record.provides_count, record.provides_stride, "provides"),
        ] {
            let views: [xo_str]
            do {
                views = try BadArgument.array(first, count, stride: Int(stride), field)
            } catch {
                throw Breach(.descriptor, "It has \(error).")
            }
            for view in views { _ = try text(view, field) }
        }
        isConcurrent = record.flags & UInt32(XO_PLUGIN_CONCURRENT) != 0
        let schema = try text(record.configuration_schema, "configuration_schema")
        schemaText = schema.isEmpty ? nil : schema
    }

    /// The schema; `nil` if there is none, or none that can be read.
    var schema: JSON? { schemaText.flatMap { try? JSON(parsing: $0) } }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x2D
    }
}
