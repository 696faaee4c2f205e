import Foundation
import Glibc

/// A program that a test runs.
final class Program: Sendable {
    /// Where the products of this build are.
    static var directory: URL {
        let arguments = CommandLine.arguments
        let bundle = arguments.firstIndex(of: "--test-bundle-path").map { arguments[$0 + 1] } ?? arguments[0]
        return URL(filePath: bundle).deletingLastPathComponent()
    }

    private let process: Process
    private let output: FileHandle
    private let ending: AsyncStream<Int32>

    private init(_ process: Process, _ output: FileHandle, _ ending: AsyncStream<Int32>) {
        self.process = process
        self.output = output
        self.ending = ending
    }

    static func start(_ path: String, _ arguments: [String]) throws -> Program {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        let (ending, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus)
            continuation.finish()
        }
        try process.run()
        return Program(process, pipe.fileHandleForReading, ending)
    }

    /// Runs a program to its end; output and errors come together.
    static func run(_ path: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let program = try start(path, arguments)
        let text = await program.read { _ in false }
        return (await program.status(), text)
    }

    func firstLine() async -> String? {
        await read { $0.contains("\n") }.split(separator: "\n").first.map(String.init)
    }

    func terminate() { process.terminate() }

    func status() async -> Int32 {
        for await status in ending { return status }
        return -1
    }

    /// Reads until enough has come or the program closes its output, on a thread that may block.
    private func read(until isEnough: @escaping @Sendable (String) -> Bool) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [output] in
                var data = Data()
                var buffer = [UInt8](repeating: 0, count: 64 << 10)
                while !isEnough(String(decoding: data, as: UTF8.self)) {
                    // Foundation's own functions end the process when a signal interrupts them.
                    let count = Glibc.read(output.fileDescriptor, &buffer, buffer.count)
                    if count < 0 && errno == EINTR { continue }
                    guard count > 0 else { break }
                    data.append(contentsOf: buffer.prefix(count))
                }
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
    }
}
