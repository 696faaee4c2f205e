import Glibc
import XOClient

/// Whole files.
enum File {
    static func contents(of path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(failed: "cannot read \(path)") }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        while true {
            let part = try [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
                let result = read(descriptor, buffer.baseAddress, buffer.count)
                guard result >= 0 else { throw FileError(failed: "cannot read \(path)") }
                count = result
            }
            if part.isEmpty { return contents }
            contents += part
        }
    }

    /// Writes a file, readable by its owner only, so that at any time either the old or the new content is there.
    static func replace(_ path: String, with contents: [UInt8]) throws {
        // A link stays a link: it is what it points to that is replaced.
        let target = realPath(path) ?? path
        guard let slash = target.lastIndex(of: "/") else {
            throw FileError(failed: "cannot write \(path)", code: ENOENT)
        }
        try makeDirectory(String(target[..<slash]))
        var template = Array((target + ".XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw FileError(failed: "cannot write \(target)") }
        do {
            defer { close(descriptor) }
            try contents.withUnsafeBytes { bytes in
                guard write(descriptor, bytes.baseAddress, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
                    throw FileError(failed: "cannot write \(target)")
                }
            }
            guard rename(&template, target) == 0 else { throw FileError(failed: "cannot write \(target)") }
        } catch {
            unlink(&template)
            throw error
        }
    }

    private static func makeDirectory(_ path: String) throws {
        guard !path.isEmpty, access(path, F_OK) != 0 else { return }
        if let slash = path.lastIndex(of: "/") { try makeDirectory(String(path[..<slash])) }
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
            throw FileError(failed: "cannot make the folder \(path)")
        }
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
