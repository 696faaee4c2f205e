import Glibc

/// The directory in which the host keeps its state: mode 0700, owned by the user the host runs as.
///
/// It is created if it does not exist. One that exists with wider access is refused rather than silently closed: it may
/// be a directory that others use, named by mistake.
struct DataDirectory: Sendable {
    let path: String

    init(_ path: String) throws(StoreError) {
        self.path = path
        try DataDirectory.create(path)
        try check()
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Creates the directory and, as `mkdir -p` does, those above it.
    private static func create(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        let parent = path.split(separator: "/", omittingEmptySubsequences: true).dropLast().joined(separator: "/")
        guard errno == ENOENT, !parent.isEmpty else {
            throw StoreError(
                .inaccessible,
                "data directory \(path): cannot be created: \(SystemError.last); create it for this user with mode "
                    + "700, or set \"dataDirectory\" in the configuration to another place")
        }
        try create(path.hasPrefix("/") ? "/\(parent)" : parent)
        try create(path)
    }

    private func check() throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw StoreError(.inaccessible, "data directory \(path): \(SystemError.last)")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreError(.inaccessible, "data directory \(path): is not a directory; name one that is")
        }
        guard status.st_uid == geteuid() else {
            throw StoreError(
                .inaccessible,
                "data directory \(path): belongs to user id \(status.st_uid), this process runs as \(geteuid()); run it "
                    + "as the owner (sudo -u '#\(status.st_uid)' …), so that no file there changes hands")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StoreError(
                .inaccessible,
                "data directory \(path): open to others (mode \(String(status.st_mode & 0o777, radix: 8)), expected "
                    + "700), and secrets are kept there; close it with: chmod 700 '\(path)'")
        }
    }
}
