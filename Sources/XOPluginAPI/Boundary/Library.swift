import CXOPlugin
import Synchronization
import XOJSON
import XOProtocol

/// What the entry function receives and returns. Opaque to plugin authors.
public typealias PluginQuery = UnsafePointer<xo_query>
public typealias PluginLibrary = UnsafePointer<xo_library>

extension Plugin {
    /// The answer of the entry function: this plugin's library record, or `nil` if the host speaks no version of the
    /// protocol that this SDK knows.
    public static func library(for query: PluginQuery) -> PluginLibrary? {
        guard Int(query.pointee.struct_size) >= MemoryLayout<xo_query>.size,
            (query.pointee.major_min...max(query.pointee.major_min, query.pointee.major_max))
                .contains(UInt16(XO_ABI_MAJOR))
        else { return nil }
        return Library.record(for: Self.self)
    }
}

/// The library's record. There is one plugin in a library, so there is one record, made at the first query and kept for
/// ever; a C function pointer cannot carry a generic type, so the plugin's type is kept beside it.
private enum Library {
    private struct Registration: Sendable {
        let makeInstance: @Sendable (UnsafePointer<xo_host>) -> Instance
        // The record is written before it is shared and never changes afterwards.
        nonisolated(unsafe) let record: PluginLibrary
    }

    private static let registration = Mutex<Registration?>(nil)

    static func record<P: Plugin>(for type: P.Type) -> PluginLibrary {
        registration.withLock { registration in
            if let registration { return registration.record }
            let new = Registration(
                makeInstance: { TypedInstance<P>(host: $0) }, record: makeRecord(P.descriptor))
            registration = new
            return new.record
        }
    }

    private static func makeRecord(_ descriptor: PluginDescriptor) -> PluginLibrary {
        let schema = descriptor.configurationSchema
        var cDescriptor = xo_descriptor(
            struct_size: UInt32(MemoryLayout<xo_descriptor>.size),
            flags: UInt32(XO_PLUGIN_CONCURRENT),
            id: Immortal.view(descriptor.id), version: Immortal.view(descriptor.version),
            name: Immortal.view(descriptor.name), description: Immortal.view(descriptor.description),
            vendor: Immortal.view(descriptor.vendor),
            needs: Immortal.views(descriptor.needs), needs_count: UInt32(descriptor.needs.count),
            needs_stride: UInt32(MemoryLayout<xo_str>.stride),
            provides: Immortal.views(descriptor.provides), provides_count: UInt32(descriptor.provides.count),
            provides_stride: UInt32(MemoryLayout<xo_str>.stride),
            configuration_schema: Immortal.view(schema == [:] ? "" : schema.description))
        var library = xo_library(
            struct_size: UInt32(MemoryLayout<xo_library>.size), flags: 0, magic: UInt64(XO_LIBRARY_MAGIC),
            major: UInt16(XO_ABI_MAJOR), minor_built: UInt16(XO_ABI_MINOR), host_minor_required: 0, reserved: 0,
            sdk: Immortal.view("XOPluginAPI (Swift)"), descriptor: Immortal.table(&cDescriptor),
            create: { host, out, _ in
                guard let registration = Library.registration.withLock({ $0 }) else { return .internal }
                out.pointee = registration.makeInstance(host).publish()
                return .ok
            })
        return Immortal.table(&library)
    }
}
