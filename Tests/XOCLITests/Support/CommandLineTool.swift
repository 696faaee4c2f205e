import Foundation
import Synchronization
import Testing
import XOJSON

/// The built `xo-cli`, with a home directory of its own.
///
/// SwiftPM puts executables and the test bundle into the same folder, so the tool is looked for beside the program that
/// runs the tests. `swift build --build-tests` builds both.
final class CommandLineTool: Sendable {
    static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "xo-cli")

    /// What a finished run left behind.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    let home: URL
    fileprivate let variables: [String: String]

    var configurationFile: URL { home.appending(path: "config/xo-cli/config.json") }

    var configuration: JSON {
        get throws { try JSON(parsing: String(contentsOf: configurationFile, encoding: .utf8)) }
    }

    /// - Parameter server: is registered already if it is given.
    init(server: ScriptedServer? = nil, token: String = ScriptedServer.token, variables: [String: String] = [:]) throws
    {
        home = FileManager.default.temporaryDirectory.appending(path: "xo-cli-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        // The runtime's own variables are needed to load libraries and to report to sanitizers.
        let kept = ProcessInfo.processInfo.environment.filter { name, _ in
            ["PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS"].contains(name)
        }
        self.variables = kept.merging(
            ["HOME": home.path, "XDG_CONFIG_HOME": home.appending(path: "config").path], uniquingKeysWith: { $1 }
        ).merging(variables, uniquingKeysWith: { $1 })
        if let server { try register(["server": JSON(server.url), "token": JSON(token)]) }
    }

    deinit {
        try? FileManager.default.removeItem(at: home)
    }

    func register(_ configuration: JSON) throws {
        try write("\(configuration)")
    }

    func write(_ configuration: String) throws {
        let file = configurationFile
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(configuration.utf8).write(to: file)
    }

    func path(_ name: String) -> String { home.appending(path: name).path }

    /// Runs the tool to its end.
    func run(_ arguments: String..., input: [UInt8] = []) async throws -> Outcome {
        try await run(arguments, input: input)
    }

    func run(_ arguments: [String], input: [UInt8] = []) async throws -> Outcome {
        let process = try start(arguments)
        process.write(input)
        process.closeInput()
        return await process.finish()
    }

    /// Runs a line of shell, in which `$0` is the tool.
    func shell(_ line: String) async throws -> Outcome {
        let shell = URL(filePath: "/bin/sh")
        let process = try RunningTool(
            ["-c", line, CommandLineTool.executable.path], executable: shell, of: self)
        process.closeInput()
        return await process.finish()
    }

    /// Starts the tool, for those who want to look at it while it runs.
    func start(_ arguments: [String], terminal: Terminal? = nil, on streams: Set<Int32> = []) throws -> RunningTool {
        try RunningTool(arguments, of: self, terminal: terminal, on: streams)
    }
}

/// A running `xo-cli`.
final class RunningTool: Sendable {
    private let process: Process
    /// Keeps the home directory as long as it is used.
    private let tool: CommandLineTool
    private let input = Pipe()
    private let output: OutputReader
    private let errors: OutputReader
    private let ended: AsyncStream<Int32>

    /// - Parameters:
    ///   - terminal: takes the place of the pipes for these `streams` (0, 1, 2).
    init(
        _ arguments: [String], executable: URL = CommandLineTool.executable, of tool: CommandLineTool,
        terminal: Terminal? = nil, on streams: Set<Int32> = []
    ) throws {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = tool.variables
        let outputPipe = Pipe()
        let errorPipe = Pipe()
        process.standardInput = streams.contains(0) ? terminal?.slave : input
        process.standardOutput = streams.contains(1) ? terminal?.slave : outputPipe
        process.standardError = streams.contains(2) ? terminal?.slave : errorPipe
        let (ended, continuation) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = {
            continuation.yield($0.terminationStatus)
            continuation.finish()
        }
        self.ended = ended
        self.process = process
        self.tool = tool
        try process.run()
        try? terminal?.slave.close()
        let screen = streams.contains(1) ? terminal?.master : nil
        output = OutputReader(screen ?? outputPipe.fileHandleForReading)
        errors = OutputReader(errorPipe.fileHandleForReading)
    }

    func write(_ bytes: [UInt8]) {
        try? input.fileHandleForWriting.write(contentsOf: bytes)
    }

    func closeInput() {
        try? input.fileHandleForWriting.close()
    }

    func interrupt() {
        kill(process.processIdentifier, SIGINT)
    }

    /// Returns when standard output contains `text`.
    func waitForOutput(_ text: String) async throws {
        try await output.wait(for: text)
    }

    func waitForErrors(_ text: String) async throws {
        try await errors.wait(for: text)
    }

    func finish() async -> CommandLineTool.Outcome {
        var status: Int32 = -1
        for await value in ended { status = value }
        defer { withExtendedLifetime(tool) {} }
        return await CommandLineTool.Outcome(status: status, output: output.all(), errors: errors.all())
    }
}

/// Collects what comes out of a pipe or terminal.
final class OutputReader: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var isAtEnd = false
        var waiting: [(condition: @Sendable ([UInt8], Bool) -> Bool, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    init(_ handle: FileHandle) {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                // Foundation would wait until the buffer is full.
                let count = read(handle.fileDescriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                // A terminal whose program ended reports an error instead of an end.
                guard count > 0 else { return add(nil) }
                add(buffer.prefix(count))
            }
        }
    }

    func all() async -> String {
        await wait { _, isAtEnd in isAtEnd }
        return text
    }

    func wait(for expected: String) async throws {
        let bytes = Array(expected.utf8)
        await wait { $1 || !$0.ranges(of: bytes).isEmpty }
        try #require(text.contains(expected), "the output ended with: \(text.suffix(500))")
    }

    private var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }

    private func wait(_ condition: @escaping @Sendable ([UInt8], Bool) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMet = state.withLock { state in
                if condition(state.bytes, state.isAtEnd) { return true }
                state.waiting.append((condition, continuation))
                return false
            }
            if isMet { continuation.resume() }
        }
    }

    private func add(_ part: ArraySlice<UInt8>?) {
        let met = state.withLock { state in
            state.bytes += part ?? []
            state.isAtEnd = part == nil
            let met = state.waiting.filter { $0.condition(state.bytes, state.isAtEnd) }
            state.waiting.removeAll { $0.condition(state.bytes, state.isAtEnd) }
            return met
        }
        for (_, continuation) in met { continuation.resume() }
    }
}

/// A pseudo-terminal that passes bytes unchanged in the direction of the screen.
final class Terminal: Sendable {
    let master: FileHandle
    let slave: FileHandle

    init() throws {
        var (master, slave): (Int32, Int32) = (-1, -1)
        try #require(openpty(&master, &slave, nil, nil, nil) == 0)
        var settings = termios()
        tcgetattr(slave, &settings)
        settings.c_oflag &= ~tcflag_t(OPOST)
        tcsetattr(slave, TCSANOW, &settings)
        // Other tests start programs meanwhile, which must not hold this terminal open.
        for descriptor in [master, slave] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        self.master = FileHandle(fileDescriptor: master, closeOnDealloc: true)
        self.slave = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
    }

    func type(_ text: String) throws {
        try master.write(contentsOf: Data(text.utf8))
    }
}
