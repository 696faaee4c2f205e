import Crypto
import Glibc
import XOProtocol

/// Private copies of plugin files, named by content.
///
/// The linker returns the *old* library for a path whose file was replaced, and writing to a mapped file crashes its
/// users; a copy that is named by its content and never written again has neither problem. What is verified is also
/// what is loaded, whatever happens to the original meanwhile.
struct LibraryCopies: Sendable {
    private let directory: String

    /// - Parameter directory: the host's own; made if it is missing.
    init(directory: String) throws(LoadError) {
        self.directory = directory
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw LoadError(directory, "cannot be made: \(String(cString: strerror(errno)))")
        }
    }

    /// Removes all copies but those of these contents.
    func remove(except hashes: Set<String>) {
        guard let folder = opendir(directory) else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasSuffix(".so"), !hashes.contains(String(name.dropLast(3))) else { continue }
            unlink("\(directory)/\(name)")
        }
    }

    func copy(of path: String) throws(LoadError) -> (path: String, hash: ContentHash) {
        let original = try LibraryFile(path)
        let known = try original.read()
        // A copy that is there is whole, because it got its name only when it was; unless the power failed.
        if LibraryCopies.size(of: file(known.hash)) == known.size { return (file(known.hash), known.hash) }
        // Several instances of one library are created at the same time, each with a copy of its own until the renaming.
        let unfinished = "\(directory)/\(UInt64.random(in: 0...UInt64.max)).unfinished"
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o500)
        guard descriptor >= 0 else { throw LoadError.system(unfinished, "be written") }
        defer {
            close(descriptor)
            unlink(unfinished)
        }
        // The hash is that of what is copied, should the original change meanwhile.
        let hash = try original.read { bytes throws(LoadError) in
            var rest = bytes
            while !rest.isEmpty {
                let count = write(descriptor, rest.baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw .system(unfinished, "be written") }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }.hash
        guard rename(unfinished, file(hash)) == 0 else { throw LoadError.system(file(hash), "be written") }
        return (file(hash), hash)
    }

    private func file(_ hash: ContentHash) -> String { "\(directory)/\(hash).so" }

    private static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
}

/// The file that an administrator has put somewhere. It is read, not mapped: reading a mapped file that somebody
/// truncates would end the process.
private final class LibraryFile {
    /// Also the unit in which the copy is written. Much bigger ones, and the kernel keeps the copy in pieces that it maps
    /// as a whole, so that all of a library would count as in use.
    private static let piece = 65_536

    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws(LoadError) {
        self.path = path
        // (A pipe would let us wait for its other end.)
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(path, "be opened") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path, "be read") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw LoadError(path, "is not a file") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Reads the file from its beginning, lending each piece.
    func read(
        _ body: (UnsafeRawBufferPointer) throws(LoadError) -> Void = { _ in }
    ) throws(LoadError) -> (size: Int, hash: ContentHash) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 16)
        defer { buffer.deallocate() }
        var hash = SHA256()
        var size = 0
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(size))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system(path, "be read") }
            guard count > 0 else { break }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if size == 0 { try checkBeginning(bytes) }
            hash.update(bufferPointer: bytes)
            try body(bytes)
            size += count
        }
        guard size > 0 else { throw LoadError(path, "is empty, expected a shared library") }
        return (size, ContentHash(hash.finalize()))
    }

    /// Gives a better answer than the linker's for what is no library at all.
    private func checkBeginning(_ bytes: UnsafeRawBufferPointer) throws(LoadError) {
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            throw LoadError(path, "is not an ELF file, expected a shared library")
        }
    }
}

extension LoadError {
    fileprivate static func system(_ path: String, _ verb: String) -> LoadError {
        LoadError(path, "cannot \(verb): \(String(cString: strerror(errno)))")
    }
}
