import Foundation
import XOJSON

/// The built `xo-cli`, with a home folder of its own.
public final class CommandLineTool: Sendable {
    public let folder: TemporaryFolder
    private let executable: URL
    private var environment: [String: String] { ["HOME": folder.path, "XDG_CONFIG_HOME": folder.path("config")] }

    public init() throws {
        folder = try TemporaryFolder()
        executable = try BuildProducts.executable("xo-cli")
    }

    /// One that is registered with `host` as the administrator.
    public static func registered(with host: TestHost) async throws -> CommandLineTool {
        let tool = try CommandLineTool()
        let outcome = try await tool.run("register", host.url, TestHost.adminName, TestHost.adminPassword)
        guard outcome.status == 0 else { throw CommandFailed(description: "register: \(outcome.errors)") }
        return tool
    }

    /// Runs it to its end.
    public func run(_ arguments: String...) async throws -> Program.Outcome {
        try await Program.run(executable, arguments, environment: environment)
    }

    /// Runs it and reads its output as JSON.
    public func json(_ arguments: String...) async throws -> JSON {
        let outcome = try await Program.run(executable, arguments, environment: environment)
        guard outcome.status == 0 else {
            throw CommandFailed(description: "\(arguments): status \(outcome.status): \(outcome.errors)")
        }
        return try JSON(parsing: outcome.output)
    }

    /// Starts it, for those who look at it while it runs. Whoever starts it ends it.
    public func start(_ arguments: String...) throws -> Program {
        try Program(executable, arguments, environment: environment)
    }
}

/// `xo-cli` failed where the test needed it to succeed.
public struct CommandFailed: Error, CustomStringConvertible {
    public let description: String
}
