import Foundation

@testable import XOHost

/// A directory that vanishes with the test.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "xo-host-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ name: String, _ content: String) throws {
        try Data(content.utf8).write(to: URL(filePath: file(name)))
    }

    func openStore(as role: Store.Role = .command) throws -> Store {
        try Store(try DataDirectory(path), as: role)
    }
}

extension PasswordHash {
    /// The least that Argon2 takes: tests check what is done with hashes, not their strength.
    static let cheap = PasswordHash(parameters: Parameters(memoryKiB: 8, iterations: 1, parallelism: 1))
}
