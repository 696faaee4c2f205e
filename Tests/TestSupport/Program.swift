import Foundation

/// A program that the tests have started.
///
/// If it is still there after ``limit`` it is killed, so that a test that waits for it fails instead of hanging.
public final class Program: Sendable {
    /// What a finished program left behind.
    public struct Outcome: Sendable {
        /// The exit status; the negative number of the signal if one has ended it.
        public let status: Int32
        public let output: String
        public let errors: String
    }

    public static let limit = 120

    public let output: ProgramOutput
    public let errors: ProgramOutput
    private let process: Process
    private let input = Pipe()
    private let ended: Task<Int32, Never>

    /// - Parameters:
    ///   - environment: beside what the runtime itself needs.
    ///   - limit: seconds, after which it is killed.
    public init(
        _ executable: URL, _ arguments: [String], environment: [String: String] = [:], limit: Int = Program.limit
    ) throws {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = Program.inherited.merging(environment, uniquingKeysWith: { $1 })
        let outputPipe = Pipe()
        let errorPipe = Pipe()
        process.standardInput = input
        process.standardOutput = outputPipe
        process.standardError = errorPipe
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = {
            let status = $0.terminationStatus
            continuation.yield($0.terminationReason == .uncaughtSignal ? -status : status)
            continuation.finish()
        }
        ended = Task {
            var status: Int32 = .min
            for await value in stream { status = value }
            return status
        }
        try process.run()
        self.process = process
        output = ProgramOutput(outputPipe.fileHandleForReading)
        errors = ProgramOutput(errorPipe.fileHandleForReading)
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(limit)) { [weak self] in
            self?.send(SIGKILL)
        }
    }

    /// Runs a program to its end.
    public static func run(
        _ executable: URL, _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async throws -> Outcome {
        let program = try Program(executable, arguments, environment: environment)
        program.write(input)
        program.closeInput()
        return await program.outcome()
    }

    private static let inherited = ProcessInfo.processInfo.environment.filter { name, _ in
        ["PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "TMPDIR"].contains(name)
    }

    public var processID: Int32 { process.processIdentifier }
    public var isRunning: Bool { process.isRunning }

    /// Sends a signal if the program is still there.
    public func send(_ signal: Int32) {
        if process.isRunning { kill(process.processIdentifier, signal) }
    }

    public func write(_ text: String) {
        try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    }

    public func closeInput() {
        try? input.fileHandleForWriting.close()
    }

    /// The exit status, once there is one; the negative number of the signal if one has ended it.
    public func exitStatus() async -> Int32 { await ended.value }

    public func outcome() async -> Outcome {
        let status = await exitStatus()
        return await Outcome(status: status, output: output.all(), errors: errors.all())
    }
}
