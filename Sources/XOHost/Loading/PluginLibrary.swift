import CCrashMark
import CXOPlugin
import Crypto
import Glibc
import Synchronization
import XOJSON
import XOProtocol

/// A plugin's library as its instances are made from it, wherever it is loaded.
final class PluginLibrary: Sendable {
    typealias Create =
        @Sendable (UnsafePointer<xo_host>, inout UnsafePointer<xo_instance>?, UnsafePointer<xo_err>) -> xo_status

    /// The file as it is named in the configuration.
    let path: String
    let hash: ContentHash
    let info: PluginInfo
    /// Whether [lane*] functions of its instances may be called several at once.
    let isConcurrent: Bool
    /// Where its one instance is, if that is not this process.
    let process: RemotePlugin?
    let create: Create

    init(
        path: String, hash: ContentHash, info: PluginInfo, isConcurrent: Bool, process: RemotePlugin? = nil,
        create: @escaping Create
    ) {
        self.path = path
        self.hash = hash
        self.info = info
        self.isConcurrent = isConcurrent
        self.process = process
        self.create = create
    }

    /// Loads the private copy of a file, so that replacing the file neither changes nor crashes what runs.
    convenience init(loading copy: String, as path: String, hash: ContentHash) throws(LoadError) {
        let opened = try OpenedLibrary(copy, as: path, hash: hash.description)
        let create = opened.create
        self.init(path: path, hash: hash, info: opened.info, isConcurrent: opened.info.isConcurrent) {
            create($0, &$1, $2)
        }
    }
}

/// A library in this process, checked. It stays loaded for ever: the runtimes of most languages leave pointers into their
/// code behind, so that unmapping it would crash later.
struct OpenedLibrary: @unchecked Sendable {
    // Unchecked: the descriptor is constant for the life of the process.

    typealias Create =
        @Sendable @convention(c) (
            UnsafePointer<xo_host>, UnsafeMutablePointer<UnsafePointer<xo_instance>?>, UnsafePointer<xo_err>
        ) -> xo_status

    let descriptor: UnsafePointer<xo_descriptor>
    let info: PluginInfo
    let create: Create

    /// - Parameters:
    ///   - copy: the file to be loaded.
    ///   - path: its name for people.
    ///   - hash: of its content.
    init(_ copy: String, as path: String, hash: String) throws(LoadError) {
        // Its constructors run before its code can be noted.
        let opened = hash.withCString { mark in
            crash_mark_opening(mark)
            defer { crash_mark_opening(nil) }
            return dlopen(copy, RTLD_NOW | RTLD_LOCAL | Int32(RTLD_NODELETE))
        }
        guard let handle = opened else {
            throw LoadError(path, "cannot be loaded: \(String(cString: dlerror()))")
        }
        crash_mark_add(copy, hash)
        guard let symbol = dlsym(handle, "xo_plugin_entry") else {
            throw LoadError(
                path, "exports no function xo_plugin_entry, so it is no plugin; see docs/plugin-authors.md")
        }
        typealias Entry = @convention(c) (UnsafePointer<xo_query>) -> UnsafePointer<xo_library>?
        let entry = unsafeBitCast(symbol, to: Entry.self)
        var query = xo_query()
        query.struct_size = UInt32(MemoryLayout<xo_query>.size)
        query.major_min = UInt16(XO_ABI_MAJOR)
        query.major_max = UInt16(XO_ABI_MAJOR)
        query.host_minor = UInt16(XO_ABI_MINOR)
        guard let library = entry(&query) else {
            throw LoadError(
                path,
                "does not speak version \(XO_ABI_MAJOR) of the plugin protocol, the only one of this host; "
                    + "install a build of the plugin for this host")
        }
        (descriptor, info, create) = try OpenedLibrary.check(library, path)
    }

    private static func check(
        _ library: UnsafePointer<xo_library>, _ path: String
    ) throws(LoadError) -> (UnsafePointer<xo_descriptor>, PluginInfo, Create) {
        // All fields of minor 0, without which nothing below may be read.
        let size = Int(library.pointee.struct_size)
        guard size >= MemoryLayout<xo_library>.size else {
            throw LoadError(
                path, "announces a library record of \(size) bytes, expected \(MemoryLayout<xo_library>.size)")
        }
        guard library.pointee.magic == UInt64(XO_LIBRARY_MAGIC) else {
            throw LoadError(path, "returns a library record without the protocol's magic number")
        }
        guard Int(library.pointee.major) == XO_ABI_MAJOR else {
            throw LoadError(
                path,
                "is built for version \(library.pointee.major) of the plugin protocol, this host speaks "
                    + "\(XO_ABI_MAJOR)")
        }
        guard Int(library.pointee.host_minor_required) <= XO_ABI_MINOR else {
            throw LoadError(
                path,
                "needs version \(XO_ABI_MAJOR).\(library.pointee.host_minor_required) of the plugin protocol, "
                    + "this host speaks \(XO_ABI_MAJOR).\(XO_ABI_MINOR); upgrade the host")
        }
        guard let create = library.pointee.create else { throw LoadError(path, "has no function `create`") }
        guard let descriptor = library.pointee.descriptor else { throw LoadError(path, "has no descriptor") }
        return (descriptor, try PluginInfo(descriptor, path: path), create)
    }
}

/// Why a plugin could not be loaded.
struct LoadError: Error, Sendable, CustomStringConvertible {
    let description: String

    /// - Parameter problem: goes on after the file's name.
    init(_ path: String, _ problem: String) { description = "\(path): \(problem)" }
}

/// The SHA-256 of a file's content.
struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ digest: SHA256.Digest) {
        description = digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
