import Glibc
import XOClient

/// A file named on the command line; `-` is standard input or output.
struct LocalFile: ~Copyable {
    let descriptor: CInt
    private let isOurs: Bool

    private init(descriptor: CInt, isOurs: Bool) {
        self.descriptor = descriptor
        self.isOurs = isOurs
    }

    deinit {
        if isOurs { close(descriptor) }
    }

    static func reading(_ path: String) throws -> LocalFile {
        if path == "-" { return LocalFile(descriptor: STDIN_FILENO, isOurs: false) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(failed: "cannot open \(path)") }
        let file = LocalFile(descriptor: descriptor, isOurs: true)
        if file.kind == S_IFDIR { throw FileError(failed: "cannot read \(path)", code: EISDIR) }
        return file
    }

    /// - Parameter isNew: whether it is an error if the file exists; else its old content is lost.
    static func writing(_ path: String, isNew: Bool = false) throws -> LocalFile {
        if path == "-" { return LocalFile(descriptor: STDOUT_FILENO, isOurs: false) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (isNew ? O_EXCL : O_TRUNC), 0o666)
        guard descriptor >= 0 else {
            throw FileError(failed: errno == EEXIST ? "EEXIST: will not overwrite \(path)" : "cannot write \(path)")
        }
        return LocalFile(descriptor: descriptor, isOurs: true)
    }

    /// The size of a regular file. Of standard input none is told, as it may have been read from already.
    var size: Int64? {
        guard isOurs, kind == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    private var kind: mode_t { status.st_mode & S_IFMT }

    private var status: stat {
        var status = stat()
        fstat(descriptor, &status)
        return status
    }
}
