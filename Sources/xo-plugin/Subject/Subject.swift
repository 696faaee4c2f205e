import CXOPlugin
import Glibc
import XOJSON
import XOProtocol

/// The plugin file under test, loaded when a test first needs it.
final class Subject {
    typealias Entry = @convention(c) (UnsafePointer<xo_query>) -> UnsafePointer<xo_library>?

    /// The copy that is loaded.
    let path: String
    /// What was given with `--configuration`.
    private let givenConfiguration: JSON?
    private var loaded: UnsafeMutableRawPointer?

    init(path: String, configuration: JSON?) {
        self.path = path
        givenConfiguration = configuration
    }

    // MARK: The file

    /// Loads the library as the host does.
    func load() throws(Breach) -> UnsafeMutableRawPointer {
        if let loaded { return loaded }
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | Int32(RTLD_NODELETE)) else {
            throw Breach(.cannotBeLoaded, "The linker refuses it: \(String(cString: dlerror())).")
        }
        loaded = handle
        return handle
    }

    /// The only symbol that the host looks up.
    func entry() throws(Breach) -> Entry {
        guard let symbol = dlsym(try load(), "xo_plugin_entry") else {
            throw Breach(.noEntry, "It exports no function xo_plugin_entry.")
        }
        return unsafeBitCast(symbol, to: Entry.self)
    }

    /// What a host of this version asks.
    static var query: xo_query {
        xo_query(
            struct_size: UInt32(MemoryLayout<xo_query>.size), major_min: UInt16(XO_ABI_MAJOR),
            major_max: UInt16(XO_ABI_MAJOR), host_minor: UInt16(XO_ABI_MINOR), reserved_0: 0, reserved_1: 0)
    }

    /// Asks the entry function.
    func library(_ query: xo_query = Subject.query) throws(Breach) -> UnsafePointer<xo_library> {
        var query = query
        guard let library = try entry()(&query) else {
            throw Breach(
                .noLibrary, "xo_plugin_entry returns NULL for a host of version \(XO_ABI_MAJOR).\(XO_ABI_MINOR).")
        }
        return library
    }

    // MARK: What it says of itself

    /// The library's record, after its members have been checked.
    func checkedLibrary() throws(Breach) -> UnsafePointer<xo_library> {
        let library = try library()
        let size = Int(library.pointee.struct_size)
        guard size >= MemoryLayout<xo_library>.size else {
            throw Breach(.library, "Its struct_size is \(size), expected at least \(MemoryLayout<xo_library>.size).")
        }
        let record = library.pointee
        guard record.magic == UInt64(XO_LIBRARY_MAGIC) else {
            throw Breach(.library, "Its magic is 0x\(String(record.magic, radix: 16)).")
        }
        guard Int(record.major) == XO_ABI_MAJOR else {
            throw Breach(.library, "Its major is \(record.major), expected \(XO_ABI_MAJOR).")
        }
        guard record.host_minor_required <= record.minor_built else {
            throw Breach(
                .library,
                "It requires the minor \(record.host_minor_required), but is built for \(record.minor_built).")
        }
        guard Int(record.host_minor_required) <= XO_ABI_MINOR else {
            throw Breach(
                .library,
                "It requires a host of version \(XO_ABI_MAJOR).\(record.host_minor_required), this suite is "
                    + "\(XO_ABI_MAJOR).\(XO_ABI_MINOR).")
        }
        guard record.sdk.string != nil else { throw Breach(.library, "Its sdk is not UTF-8, or its length lies.") }
        guard record.create != nil else { throw Breach(.library, "Its create is NULL.") }
        guard record.descriptor != nil else { throw Breach(.library, "Its descriptor is NULL.") }
        return library
    }

    /// Has an instance made; `XO_UNSUPPORTED` if the library is not fit for it.
    func create(
        _ host: UnsafePointer<xo_host>, _ out: UnsafeMutablePointer<UnsafePointer<xo_instance>?>,
        _ err: UnsafePointer<xo_err>
    ) -> xo_status {
        guard let create = try? checkedLibrary().pointee.create else { return .unsupported }
        return create(host, out, err)
    }

    /// What the plugin is, after that has been checked.
    func descriptor() throws(Breach) -> Descriptor {
        guard let pointer = try checkedLibrary().pointee.descriptor else {
            throw Breach(.library, "Its descriptor is NULL.")
        }
        return try Descriptor(pointer)
    }

    /// A configuration with which it should start: the given one, with the defaults of the schema.
    var configuration: JSON {
        let given = givenConfiguration ?? [:]
        guard let schema = (try? descriptor())?.schema else { return given }
        return Sampler(.configuration).completed(given, schema)
    }
}
