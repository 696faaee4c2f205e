import Foundation

/// Folders for servers and plugins that live until the tests end; they go away with the process.
///
/// Their names are short: servers make sockets in them, whose paths may not be longer than 107 bytes.
enum Scratch {
    private static let root: String = {
        let path = FileManager.default.temporaryDirectory.appending(path: "ldap-\(UUID().uuidString.prefix(8))").path
        // Open to others: 389 Directory Server runs as a user of its own.
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        atexit { try? FileManager.default.removeItem(atPath: Scratch.root) }
        return path
    }()

    /// A new folder.
    static func folder() throws -> String {
        let path = "\(root)/\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        return path
    }
}
