import Foundation
import Synchronization
import TestSupport

/// A directory that a script of `Tests/Fixtures/directories` runs. It ends with the tests, however those end: the script
/// watches its standard input.
final class DirectoryServer: Sendable {
    let folder: String
    private let program: Program
    private let isStopped = Mutex(false)

    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/directories")

    /// Starts a server and waits until it serves.
    ///
    /// - Parameters:
    ///   - folder: its data; what is there from before is kept.
    ///   - limit: seconds after which it ends in any case.
    init(
        _ script: String, _ folder: String, _ arguments: [String], environment: [String: String] = [:],
        limit: Int = 600
    ) async throws {
        self.folder = folder
        let program = try Program(
            DirectoryServer.scripts.appending(path: script), [folder] + arguments, environment: environment,
            limit: limit)
        guard await program.output.firstLine(where: { $0 == "ready" }) != nil else {
            throw DirectoryProblem(description: "\(script): \(await program.errors.all())")
        }
        self.program = program
    }

    /// Makes certificates into a folder.
    static func makeCertificates(_ folder: String) async throws {
        let outcome = try await Program.run(scripts.appending(path: "certificates.sh"), [folder])
        guard outcome.status == 0 else { throw DirectoryProblem(description: outcome.errors) }
    }

    deinit { end() }

    /// Once: a pipe that nobody reads any more would end the tests.
    private func end() {
        let isFirst = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        if isFirst { program.write("stop\n") }
    }

    /// Ends it, and returns when it is gone.
    func stop() async {
        end()
        _ = await program.output.firstLine { $0 == "stopped" }
    }

    /// Sends a signal to the server itself, such as SIGSTOP.
    func send(_ signal: Int32, pidFile: String) throws {
        let text = try String(contentsOfFile: "\(folder)/\(pidFile)", encoding: .utf8)
        guard let id = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw DirectoryProblem(description: "\(pidFile) names no process")
        }
        kill(id, signal)
    }

    private static let givenPorts = Mutex<Set<Int>>([])

    /// A port of 127.0.0.1 that nobody listens at, and that the system gives to no connection meanwhile: it is below those
    /// that it takes for that.
    static func freePort() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: 20_000..<32_000)
            if givenPorts.withLock({ $0.insert(port).inserted }), isFree(port) { return port }
        }
        throw DirectoryProblem(description: "no port is free")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

struct DirectoryProblem: Error, CustomStringConvertible {
    let description: String
}

/// Something that all tests share: made once, at the first need.
actor Shared<Value: Sendable> {
    private let make: @Sendable () async throws -> Value
    private var making: Task<Value, any Error>?

    init(_ make: @escaping @Sendable () async throws -> Value) { self.make = make }

    var value: Value {
        get async throws {
            if let making { return try await making.value }
            let task = Task { try await make() }
            making = task
            return try await task.value
        }
    }
}
