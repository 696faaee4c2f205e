import Foundation
import TestSupport
import XOJSON

/// A real identity provider on a free port, and a browser that visits it.
final class RealProvider: Sendable {
    enum Kind: String, Sendable {
        case simplesamlphp, lemonldap

        var metadataPath: String {
            self == .simplesamlphp ? "/simplesaml/saml2/idp/metadata.php" : "/saml/metadata"
        }
    }

    let base: String
    private let folder: TemporaryFolder
    private let program: Program

    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent()

    /// Starts one that knows the service provider; waits until it answers.
    ///
    /// - Parameter environment: see the scripts.
    init(_ kind: Kind, service: String, _ environment: [String: String] = [:]) async throws {
        folder = try TemporaryFolder()
        try folder.write("sp.xml", service)
        let port = try freePort()
        base = "http://127.0.0.1:\(port)"
        program = try Program(
            Self.scripts.appending(path: kind.rawValue), [folder.path, "\(port)"], environment: environment)
        // Nothing says when it is ready, so it is asked until it answers; a program that has ended does not.
        let (base, program) = (base, program)
        _ = try await poll(
            {
                guard program.isRunning else { throw ProviderHost.Failure(description: await program.errors.all()) }
                return try await Self.get(base + kind.metadataPath)
            }, until: { $0 != nil })
        metadata = try await Self.get(base + kind.metadataPath) ?? ""
    }

    /// What it says of itself.
    let metadata: String

    func stop() async {
        program.send(SIGKILL)
        _ = await program.exitStatus()
    }

    /// What a browser with the cookies of earlier visits comes to.
    func visit(_ url: String, as user: String? = nil, _ password: String? = nil) async throws -> JSON {
        let outcome = try await Program.run(
            URL(filePath: "/usr/bin/python3"),
            [Self.scripts.appending(path: "browser.py").path, folder.path("cookies"), url]
                + [user, password].compactMap { $0 })
        guard outcome.status == 0 else { throw ProviderHost.Failure(description: outcome.errors) }
        return try JSON(parsing: outcome.output)
    }

    /// `nil` if it does not answer with 200.
    private static func get(_ url: String) async throws -> String? {
        let outcome = try await Program.run(
            URL(filePath: "/usr/bin/python3"),
            ["-c", "import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen(sys.argv[1]).read())", url])
        return outcome.status == 0 ? outcome.output : nil
    }
}
