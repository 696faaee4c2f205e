import CXOPlugin
import Glibc
import Synchronization

/// A process of this same executable that holds one plugin.
///
/// It gets one socket, a clean environment, nothing as its input, and its output is led here; no other descriptor. It
/// ends when the socket does, also when this process is killed. It is a process group of its own.
final class RunnerProcess: Sendable {
    /// How it ended.
    enum End: Sendable, CustomStringConvertible {
        case exit(Int32)
        case signal(Int32)

        init(waitStatus: Int32) {
            let signal = waitStatus & 0x7f
            self = signal == 0 ? .exit(waitStatus >> 8 & 0xff) : .signal(signal)
        }

        var description: String {
            switch self {
            case .exit(let status): "exited with status \(status)"
            case .signal(let signal): "was killed by signal \(signal) (\(String(cString: strsignal(signal))))"
            }
        }
    }

    let channel: Channel
    let id: pid_t
    private let hasEnded = Locked(false)

    /// - Parameters:
    ///   - name: shown by `ps`.
    ///   - line: gets each line of its output; on a thread of its own.
    ///   - ended: is called once, when it has ended and been waited for; on a thread of its own.
    init(
        name: String, line: @escaping @Sendable (String) -> Void, ended: @escaping @Sendable (End) -> Void
    ) throws(LoadError) {
        func failure(_ code: Int32) -> LoadError {
            LoadError("a process for \(name)", "cannot be started: \(String(cString: strerror(code)))")
        }
        var sockets: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &sockets) == 0 else {
            throw failure(errno)
        }
        let (mine, theirs) = (sockets[0], sockets[1])
        channel = Channel(descriptor: mine, takesDescriptors: false)
        defer { close(theirs) }
        var output: [Int32] = [-1, -1]
        guard pipe(&output) == 0 else { throw failure(errno) }
        for end in output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(output[1]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output[1], STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, theirs, Runner.socket)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))

        var process = pid_t()
        let status = ["xo-host", Runner.argument, name].withCStrings { arguments in
            RunnerProcess.environment.withCStrings { environment in
                posix_spawn(&process, "/proc/self/exe", &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else {
            close(output[0])
            throw failure(status)
        }
        id = process
        let reading = output[0]
        let isWatched = Thread.start(name: "runner output") { RunnerProcess.readLines(of: reading, line) }
        if !isWatched { close(reading) }
        let isWaitedFor = Thread.start(name: "runner") { [process, hasEnded] in
            var information = siginfo_t()
            while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
            // From here on its number may be another's.
            var status: Int32 = 0
            hasEnded.withLock { hasEnded in
                hasEnded = true
                while waitpid(process, &status, 0) < 0 && errno == EINTR {}
            }
            ended(End(waitStatus: status))
        }
        guard isWatched, isWaitedFor else {
            Glibc.kill(-process, SIGKILL)
            throw failure(EAGAIN)
        }
    }

    /// Ends it and what it has started.
    func kill() {
        hasEnded.withLock { hasEnded in
            if !hasEnded { Glibc.kill(-id, SIGKILL) }
        }
    }

    /// What every program may rely on; nothing of what this process was told, which may hold secrets.
    private static let environment: [String] = {
        let kept = [
            "PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SWIFT_BACKTRACE", "ASAN_OPTIONS",
        ]
        return kept.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }()

    private static func readLines(of descriptor: Int32, _ line: (String) -> Void) {
        defer { close(descriptor) }
        let longest = 8192
        var pending: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        func flush() {
            if !pending.isEmpty { line(String(decoding: pending, as: UTF8.self)) }
            pending.removeAll(keepingCapacity: true)
        }
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return flush() }
            for byte in chunk[..<count] {
                if byte == UInt8(ascii: "\n") || pending.count >= longest { flush() }
                if byte != UInt8(ascii: "\n") { pending.append(byte) }
            }
        }
    }
}

extension [String] {
    /// Lends the texts as a list that ends with a null pointer.
    fileprivate func withCStrings<Result>(
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<CChar>?.self, capacity: count + 1) { pointers in
            for (index, text) in enumerated() { pointers.initializeElement(at: index, to: strdup(text)) }
            pointers.initializeElement(at: count, to: nil)
            defer { for pointer in pointers { free(pointer) } }
            return body(pointers.baseAddress.unsafelyUnwrapped)
        }
    }
}
