import CXOPlugin
import XOProtocol

/// What the runner is told before anything else: what to load, and as what.
struct RunnerTask: Sendable {
    var library: String
    /// Its name for people.
    var path: String
    var instanceID: String
    var dataDirectory: String
    var hostName: String
    var hostVersion: String
    /// Records below this are not sent, until the host says otherwise.
    var logLevel: Int32
    var isGrantedService: Bool
    var maximumSessions: UInt32
    var callsPerSession: UInt32

    func write(to writer: inout WireWriter) {
        writer.write(library)
        writer.write(path)
        writer.write(instanceID)
        writer.write(dataDirectory)
        writer.write(hostName)
        writer.write(hostVersion)
        writer.write(logLevel)
        writer.write(isGrantedService ? UInt8(1) : 0)
        writer.write(maximumSessions)
        writer.write(callsPerSession)
    }
}

extension RunnerTask {
    init(_ reader: inout WireReader) throws(MalformedFrame) {
        library = try reader.string()
        path = try reader.string()
        instanceID = try reader.string()
        dataDirectory = try reader.string()
        hostName = try reader.string()
        hostVersion = try reader.string()
        logLevel = try reader.number()
        isGrantedService = try reader.number(UInt8.self) != 0
        maximumSessions = try reader.number()
        callsPerSession = try reader.number()
        try reader.expectEnd()
    }
}

/// What the instance offers, once it is set up.
struct Offer: Sendable {
    /// The ids of its tables.
    var extensions: [String]
    var takesConfiguration: Bool
    var catalogueStatus: xo_status
    var catalogue: [UInt8]

    func write(to writer: inout WireWriter) {
        writer.write(extensions) { $0.write($1) }
        writer.write(takesConfiguration ? UInt8(1) : 0)
        writer.write(catalogueStatus)
        catalogue.withUnsafeBytes { writer.write($0) }
    }
}

extension Offer {
    /// What an instance of this process offers. In its lane.
    init(of tables: PluginTables) {
        let offered: [(String, Bool)] = [
            (XO_METHODS_1, tables.methods != nil), (XO_CALLS_1, tables.onReply != nil),
            (XO_EVENTS_1, tables.events != nil), (XO_HTTP_1, tables.onRequest != nil),
            (XO_TRANSPORT_1, tables.transport != nil), (XO_STORE_1, tables.onStore != nil),
            (XO_AUTH_1, tables.auth != nil),
        ]
        extensions = offered.filter(\.1).map(\.0)
        takesConfiguration = tables.configure != nil
        var text = xo_bytes()
        catalogueStatus = tables.methods?.catalog(tables.data, &text) ?? .unsupported
        catalogue = []
        guard catalogueStatus >= 0 else { return }
        if let bytes = UnsafeRawBufferPointer(view: text.ptr, text.len) {
            catalogue = Array(bytes)
        } else {
            catalogueStatus = .dataCorrupt
        }
    }

    init(_ reader: inout WireReader) throws(MalformedFrame) {
        extensions = try reader.list(minimum: 4) { (reader) throws(MalformedFrame) in try reader.string() }
        takesConfiguration = try reader.number(UInt8.self) != 0
        catalogueStatus = try reader.number()
        catalogue = Array(try reader.content())
        try reader.expectEnd()
    }
}

extension PluginInfo {
    /// Writes a descriptor as the library has it; what it says is checked where it arrives.
    static func write(_ descriptor: UnsafePointer<xo_descriptor>, to writer: inout WireWriter) {
        let descriptor = descriptor.pointee
        writer.write(descriptor.flags)
        for text in [
            descriptor.id, descriptor.version, descriptor.name, descriptor.description, descriptor.vendor,
            descriptor.configuration_schema,
        ] { writer.write(text) }
        for (first, count, stride) in [
            (descriptor.needs, descriptor.needs_count, descriptor.needs_stride),
            (descriptor.provides, descriptor.provides_count, descriptor.provides_stride),
        ] {
            let isReadable = first != nil && Int(stride) >= MemoryLayout<xo_str>.size && count <= 1000
            writer.write(0..<(isReadable ? Int(count) : 0)) { writer, index in
                guard let first else { return }
                writer.write(
                    UnsafeRawPointer(first).loadUnaligned(fromByteOffset: index * Int(stride), as: xo_str.self))
            }
        }
    }

    /// Reads it and checks it as if it were the library's own.
    init(_ reader: inout WireReader, path: String) throws {
        var descriptor = xo_descriptor()
        descriptor.struct_size = UInt32(MemoryLayout<xo_descriptor>.size)
        descriptor.flags = try reader.number()
        descriptor.id = try reader.text()
        descriptor.version = try reader.text()
        descriptor.name = try reader.text()
        descriptor.description = try reader.text()
        descriptor.vendor = try reader.text()
        descriptor.configuration_schema = try reader.text()
        let needs = try reader.list(minimum: 8) { (reader) throws(MalformedFrame) in try reader.text() }
        let provides = try reader.list(minimum: 8) { (reader) throws(MalformedFrame) in try reader.text() }
        try reader.expectEnd()
        self = try needs.withUnsafeBufferPointer { needs in
            try provides.withUnsafeBufferPointer { provides in
                descriptor.needs = needs.baseAddress
                descriptor.needs_count = UInt32(needs.count)
                descriptor.needs_stride = UInt32(MemoryLayout<xo_str>.stride)
                descriptor.provides = provides.baseAddress
                descriptor.provides_count = UInt32(provides.count)
                descriptor.provides_stride = UInt32(MemoryLayout<xo_str>.stride)
                return try PluginInfo(&descriptor, path: path)
            }
        }
    }
}
