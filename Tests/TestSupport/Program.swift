import Foundation
import Synchronization

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
    public let processID: pid_t
    private let input: FileHandle
    private let ended: Task<Int32, Never>
    /// Whether its number is still its own.
    private let isThere = Mutex(true)

    /// One at a time: nobody else's child gets the descriptors that are being made for this one, which would keep pipes
    /// open that belong to a program that has ended.
    private static let spawning = Mutex(())

    /// - Parameters:
    ///   - environment: beside what the runtime itself needs.
    ///   - limit: seconds, after which it is killed.
    public init(
        _ executable: URL, _ arguments: [String], environment: [String: String] = [:], limit: Int = Program.limit
    ) throws {
        let environment = Program.inherited.merging(environment, uniquingKeysWith: { $1 })
        let child = try Program.spawning.withLock { _ in
            try Child(executable.path, arguments, environment.map { "\($0.key)=\($0.value)" })
        }
        processID = child.id
        input = child.input
        output = ProgramOutput(child.output)
        errors = ProgramOutput(child.errors)
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        ended = Task {
            for await status in stream { return status }
            return .min
        }
        Thread.detachNewThread { [self] in
            continuation.yield(waitForEnd())
            continuation.finish()
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(limit)) { [weak self] in
            self?.send(SIGKILL)
        }
    }

    /// Blocks until it has ended; returns how.
    private func waitForEnd() -> Int32 {
        var information = siginfo_t()
        // Left unburied first, so that nobody is sent a signal who has got its number.
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        isThere.withLock { $0 = false }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : -signal
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

    public var isRunning: Bool { isThere.withLock { $0 } }

    /// Sends a signal if the program is still there.
    public func send(_ signal: Int32) {
        isThere.withLock { if $0 { kill(processID, signal) } }
    }

    public func write(_ text: String) {
        try? input.write(contentsOf: Data(text.utf8))
    }

    public func closeInput() {
        try? input.close()
    }

    /// The exit status, once there is one; the negative number of the signal if one has ended it.
    public func exitStatus() async -> Int32 { await ended.value }

    public func outcome() async -> Outcome {
        let status = await exitStatus()
        return await Outcome(status: status, output: output.all(), errors: errors.all())
    }
}

/// A function of the C library (2.34) whose declaration Swift does not see.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
private func closeFrom(_ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: Int32) -> Int32

/// A process that has just begun, with pipes to it.
private struct Child {
    let id: pid_t
    let (input, output, errors): (FileHandle, FileHandle, FileHandle)

    init(_ path: String, _ arguments: [String], _ environment: [String]) throws {
        let (input, output, errors) = (try Child.pipe(), try Child.pipe(), try Child.pipe())
        defer { for descriptor in [input.reading, output.writing, errors.writing] { close(descriptor) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, target) in [(input.reading, 0), (output.writing, 1), (errors.writing, 2)] as [(Int32, Int32)] {
            posix_spawn_file_actions_adddup2(&actions, descriptor, target)
        }
        // Sockets of the test itself, which nobody else may keep open.
        _ = closeFrom(&actions, 3)
        // Threads of the test process may hold signals back, or have them ignored; that is not inherited.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var id: pid_t = 0
        let status = posix_spawn(&id, path, &actions, &attributes, &words, &variables)
        guard status == 0 else {
            for descriptor in [input.writing, output.reading, errors.reading] { close(descriptor) }
            throw CocoaError(.executableNotLoadable, userInfo: [NSFilePathErrorKey: path, "errno": status])
        }
        self.id = id
        self.input = FileHandle(fileDescriptor: input.writing, closeOnDealloc: true)
        self.output = FileHandle(fileDescriptor: output.reading, closeOnDealloc: true)
        self.errors = FileHandle(fileDescriptor: errors.reading, closeOnDealloc: true)
    }

    /// Both ends are closed in programs that are started.
    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else { throw CocoaError(.fileReadUnknown, userInfo: ["errno": errno]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
