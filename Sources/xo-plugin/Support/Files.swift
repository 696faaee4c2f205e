import Glibc

/// Whole files, in and out.
enum Files {
    /// All of a file; nothing else than a file.
    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError.current(path, "be opened") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError.current(path, "be read") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("\(path) is not a file") }
        let size = Int(status.st_size)
        var failure: SystemError?
        let content = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = .current(path, "be read") }
                guard got > 0 else { return }
                count += got
            }
        }
        if let failure { throw failure }
        return content
    }

    /// Makes a file that is not there yet.
    static func write(_ content: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o700)
        guard descriptor >= 0 else { throw SystemError.current(path, "be written") }
        defer { close(descriptor) }
        guard write(content, to: descriptor) else { throw SystemError.current(path, "be written") }
    }

    /// Writes all of it; `false` if that fails.
    static func write(_ content: [UInt8], to descriptor: Int32) -> Bool {
        content.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return true
        }
    }

    /// The path from the root, without links; of something that is there.
    static func absolutePath(_ path: String) throws -> String {
        guard let text = realpath(path, nil) else { throw SystemError.current(path, "be found") }
        defer { free(text) }
        return String(cString: text)
    }

    /// The names of what is in a folder; empty if it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a folder with all that is in it. Links are removed, not followed.
    static func removeFolder(_ path: String) {
        for name in names(in: path) {
            let inner = "\(path)/\(name)"
            if unlink(inner) != 0 { removeFolder(inner) }
        }
        rmdir(path)
    }
}
