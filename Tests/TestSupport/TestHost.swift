import Foundation
import Synchronization
import XOClient
import XOJSON

/// A running `xo-host` with a folder of its own.
public final class TestHost: Sendable {
    public static let adminName = "admin@test"
    public static let adminPassword = "correct horse"

    public let folder: TemporaryFolder
    public var configurationFile: String { folder.path("plugins.json") }

    private struct State {
        var program: Program?
        var url = ""
    }

    private let state = Mutex(State())
    private let environment: [String: String]

    /// The environment that chooses the administrator, and more.
    public static func administrator(and more: [String: String] = [:]) -> [String: String] {
        more.merging(["XO_ADMIN_USER": adminName, "XO_ADMIN_PASSWORD": adminPassword], uniquingKeysWith: { $1 })
    }

    /// - Parameter environment: chooses the administrator unless it is given.
    public init(_ configuration: HostConfiguration, environment: [String: String]? = nil) throws {
        folder = try TemporaryFolder()
        self.environment = environment ?? TestHost.administrator()
        try write(configuration)
    }

    // MARK: Life

    /// Runs `xo-host` and waits until it is ready.
    ///
    /// - Throws: ``HostEnded`` if it ends instead.
    public func start() async throws {
        let program = try launch()
        state.withLock { $0.program = program }
        guard await program.errors.firstLine(where: { LogLine($0)?.isReady == true }) != nil else {
            throw HostEnded(await program.outcome())
        }
        let listening = program.errors.lines.compactMap(LogLine.init).last {
            $0.message == "listening" && $0.source == "web"
        }
        state.withLock { $0.url = listening?["url"] ?? "" }
    }

    /// Runs `xo-host` without waiting for anything.
    public func launch() throws -> Program {
        try Program(
            BuildProducts.executable("xo-host"), ["--config", configurationFile],
            environment: environment.merging(["HOME": folder.path], uniquingKeysWith: { $1 }))
    }

    /// Asks it to end, and returns its exit status.
    @discardableResult
    public func stop() async -> Int32 { await end(SIGTERM) }

    /// Waits until it has ended by itself.
    public func waitForEnd() async throws { _ = try await program.exitStatus() }

    /// Ends it as a power cut would.
    public func kill() async { await end(SIGKILL) }

    @discardableResult
    private func end(_ signal: Int32) async -> Int32 {
        guard let program = state.withLock({ $0.program }) else { return .min }
        program.send(signal)
        return await program.exitStatus()
    }

    /// Writes another configuration; nobody is told.
    public func write(_ configuration: HostConfiguration) throws {
        try folder.write("plugins.json", configuration.text)
    }

    /// Writes another configuration and has it read; returns when the log says that it was applied, or that it was not.
    @discardableResult
    public func reload(_ configuration: HostConfiguration) async throws -> LogLine {
        try write(configuration)
        return try await reload()
    }

    @discardableResult
    public func reload() async throws -> LogLine {
        let start = log.count
        try program.send(SIGHUP)
        return try await logLine(from: start) {
            $0.source == "host" && ["reloaded", "the new configuration is not applied"].contains($0.message)
        }
    }

    private var program: Program {
        get throws {
            guard let program = state.withLock({ $0.program }) else { throw HostEnded(description: "not started") }
            return program
        }
    }

    public var processID: Int32 { (try? program.processID) ?? 0 }

    // MARK: Looking at it

    /// `http://127.0.0.1:PORT`
    public var url: String { state.withLock { $0.url } }

    /// All lines of the log so far.
    public var log: [LogLine] { (try? program.errors.lines.compactMap(LogLine.init)) ?? [] }

    /// Lines on standard error that are none of the log: what libraries print behind our back.
    public var strayLines: [String] { (try? program.errors.lines.filter { LogLine($0) == nil }) ?? [] }

    /// What it has printed, once it has ended.
    public func output() async throws -> String { try await program.output.all() }

    /// The first line on standard output that matches; waits for it.
    @discardableResult
    public func outputLine(where matches: @escaping @Sendable (String) -> Bool) async throws -> String {
        guard let line = try await program.output.firstLine(where: matches) else {
            throw HostEnded(description: "the output ended")
        }
        return line
    }

    /// The first line of the log that matches; waits for it.
    ///
    /// - Parameter start: how many lines of ``log`` to leave out.
    @discardableResult
    public func logLine(from start: Int = 0, where matches: @escaping @Sendable (LogLine) -> Bool) async throws
        -> LogLine
    {
        let errors = try program.errors
        guard let line = await errors.firstLine(from: start, where: { LogLine($0).map(matches) ?? false }),
            let parsed = LogLine(line)
        else { throw HostEnded(description: "the log ended:\n\(errors.lines.suffix(10).joined(separator: "\n"))") }
        return parsed
    }

    // MARK: Talking to it

    /// A connection on which the administrator is signed in.
    public func connect() async throws -> XOClient {
        try await connect(as: TestHost.adminName, TestHost.adminPassword)
    }

    public func connect(as name: String, _ password: String) async throws -> XOClient {
        let client = try await connectAnonymously()
        try await client.call("session.signIn", params: ["email": .string(name), "password": .string(password)])
        return client
    }

    public func connectAnonymously() async throws -> XOClient {
        try await XOClient.connect(to: url, options: ConnectionOptions(allowUnauthorized: true))
    }

    /// Makes a user and returns its id.
    @discardableResult
    public func addUser(_ name: String, _ password: String, permission: String = "none") async throws -> String {
        let admin = try await connect()
        let id = try await admin.call(
            "user.create",
            params: ["email": .string(name), "password": .string(password), "permission": .string(permission)])
        await admin.close()
        return id.string ?? ""
    }

    /// The entry of a plugin in `plugin.get`.
    public func plugin(_ id: String) async throws -> JSON {
        let client = try await connect()
        let plugins = try await client.call("plugin.get").array ?? []
        await client.close()
        guard let plugin = plugins.first(where: { $0["id"]?.string == id }) else {
            throw HostEnded(description: "plugin.get knows no \(id)")
        }
        return plugin
    }

    /// Runs a command of `xo-host` with this configuration.
    public func command(_ words: String..., input: String = "") async throws -> Program.Outcome {
        try await Program.run(
            BuildProducts.executable("xo-host"), words + ["--config", configurationFile],
            environment: ["HOME": folder.path], input: input)
    }

    fileprivate func discard() async {
        await kill()
    }

    fileprivate func printLog() {
        let lines = (try? program.errors.lines.suffix(40).joined(separator: "\n")) ?? ""
        FileHandle.standardError.write(Data("--- the log of the host:\n\(lines)\n---\n".utf8))
    }
}

/// Starts a host, and ends it after `body` however that ends.
public func withHost<Result>(
    _ plugins: [JSON], host settings: JSONObject = [:], environment: [String: String]? = nil,
    _ body: (TestHost) async throws -> Result
) async throws -> Result {
    try await withHost(HostConfiguration(plugins, host: settings), environment: environment) { host in
        try await host.start()
        return try await body(host)
    }
}

/// The same for a host that `body` starts itself.
public func withHost<Result>(
    _ configuration: HostConfiguration, environment: [String: String]? = nil,
    _ body: (TestHost) async throws -> Result
) async throws -> Result {
    await hostSlots.enter()
    let host: TestHost
    do {
        host = try TestHost(configuration, environment: environment)
    } catch {
        await hostSlots.leave()
        throw error
    }
    do {
        let result = try await body(host)
        await host.discard()
        await hostSlots.leave()
        return result
    } catch {
        host.printLog()
        await host.discard()
        await hostSlots.leave()
        throw error
    }
}

/// Tests begin all at once, and each host loads some 200 MB of libraries.
private let hostSlots = Slots(4)

/// One line of the host's log.
public struct LogLine: Sendable, CustomStringConvertible {
    public let fields: JSON

    public init?(_ text: String) {
        guard let fields = try? JSON(parsing: text), fields.object != nil else { return nil }
        self.fields = fields
    }

    public var level: String { fields["level"]?.string ?? "" }
    public var source: String { fields["source"]?.string ?? "" }
    public var message: String { fields["message"]?.string ?? "" }
    public subscript(name: String) -> String? { fields[name]?.string }
    public var description: String { fields.description }

    var isReady: Bool { source == "host" && message == "ready" }
}

/// The host is not there, or not as it should be.
public struct HostEnded: Error, CustomStringConvertible {
    public let description: String

    init(description: String) { self.description = description }

    init(_ outcome: Program.Outcome) {
        description = "xo-host ended with status \(outcome.status):\n\(outcome.errors)"
    }
}
