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
        let original = try MappedFile(path)
        try original.checkELF()
        let hash = ContentHash(of: original.bytes)
        let copy = "\(directory)/\(hash).so"
        // A copy that is there is whole, because it got its name only when it was; unless the power failed.
        if LibraryCopies.size(of: copy) == original.bytes.count { return (copy, hash) }
        // Several instances of one library are created at the same time, each with a copy of its own until the renaming.
        let unfinished = "\(copy).\(UInt64.random(in: 0...UInt64.max))"
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o500)
        guard descriptor >= 0 else { throw LoadError.system(unfinished, "be written") }
        defer { close(descriptor) }
        var written = 0
        while written < original.bytes.count {
            let count = write(
                descriptor, original.bytes.baseAddress.map { $0 + written }, original.bytes.count - written)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let error = LoadError.system(unfinished, "be written")
                unlink(unfinished)
                throw error
            }
            written += count
        }
        guard rename(unfinished, copy) == 0 else { throw LoadError.system(copy, "be written") }
        return (copy, hash)
    }

    private static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
}

/// A file mapped for reading.
private final class MappedFile {
    let bytes: UnsafeRawBufferPointer
    private let path: String

    init(_ path: String) throws(LoadError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path, "be opened") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path, "be read") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw LoadError(path, "is not a file") }
        guard status.st_size > 0 else { throw LoadError(path, "is empty, expected a shared library") }
        let size = Int(status.st_size)
        let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let memory, memory != MAP_FAILED else { throw .system(path, "be read") }
        bytes = UnsafeRawBufferPointer(start: memory, count: size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    /// Gives a better answer than the linker's for what is no library at all.
    func checkELF() throws(LoadError) {
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
