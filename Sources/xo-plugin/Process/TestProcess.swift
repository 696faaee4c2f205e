import Glibc
import XOJSON

/// Runs one test in a process of its own, so that whatever the plugin does there ends with it.
///
/// The child is this program again, with the hidden command `run-test`. It writes its verdict as JSON to descriptor 3;
/// its standard output and error are kept apart from that. Descriptor 4 is a pipe that ends when this process does, and
/// the child with it.
struct TestProcess {
    static let verdictDescriptor: Int32 = 3
    static let lifelineDescriptor: Int32 = 4

    /// Of what a plugin prints, this much is kept, for the report of a crash.
    private static let keptOutput = 4096
    /// A verdict is a sentence.
    private static let longestVerdict = 65_536

    let arguments: [String]
    /// Nanoseconds until it is killed.
    let timeout: Int64

    /// Runs it and waits for its end.
    func run() throws -> Verdict {
        let (verdict, output, lifeline) = (try Pipe(), try Pipe(), try Pipe())
        let child = try spawn(verdict, output, lifeline)
        verdict.closeWriting()
        output.closeWriting()
        lifeline.closeReading()
        let (text, printed, isLate) = collect(verdict.reading, output.reading)
        // Whatever it has started goes with it.
        kill(-child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        let last = lastLine(printed)
        if isLate {
            return .failed("It is not over after \(timeout / 1_000_000_000) s and was ended.\(last)")
        }
        let signal = status & 0x7F
        // The signal above may arrive when it has done its work and is about to end by itself.
        if signal != 0 && !(signal == SIGKILL && !text.isEmpty) {
            return .failed("The process crashes: \(String(cString: strsignal(signal))) (signal \(signal)).\(last)")
        }
        guard let json = try? JSON(parsing: text), let verdict = Verdict(json: json) else {
            return .failed("The process ends with the status \(status >> 8 & 0xFF) in the midst of the test.\(last)")
        }
        return verdict
    }

    private func spawn(_ verdict: Pipe, _ output: Pipe, _ lifeline: Pipe) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (from, to) in [
            (output.writing, Int32(1)), (output.writing, 2), (verdict.writing, Self.verdictDescriptor),
            (lifeline.reading, Self.lifelineDescriptor),
        ] { posix_spawn_file_actions_adddup2(&actions, from, to) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        // This process may have blocked some.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)

        var words = (["xo-plugin"] + arguments).map { strdup($0) } + [nil]
        // Printing a backtrace takes longer than all of the test.
        let inherited = ProcessInformation.environment.filter { !$0.hasPrefix("SWIFT_BACKTRACE=") }
        var variables = (inherited + ["SWIFT_BACKTRACE=enable=no"]).map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, "/proc/self/exe", &actions, &attributes, &words, &variables)
        guard status == 0 else {
            throw SystemError("the process of a test cannot be started: \(String(cString: strerror(status)))")
        }
        return child
    }

    /// Reads both pipes until the first ends, which is when the process does, or time is over.
    private func collect(_ verdict: Int32, _ output: Int32) -> (verdict: [UInt8], output: [UInt8], isLate: Bool) {
        let deadline = MonotonicClock.now + timeout
        var (text, printed): ([UInt8], [UInt8]) = ([], [])
        // Negative once it has ended, so that poll passes it over.
        var source = output
        while text.count <= Self.longestVerdict {
            let left = deadline - MonotonicClock.now
            guard left > 0 else { return (text, printed, true) }
            var sets = [verdict, source].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&sets, 2, Int32(clamping: left / 1_000_000 + 1)) > 0 else { continue }
            if sets[1].revents != 0 && !Self.append(source, to: &printed) { source = -1 }
            if printed.count > 2 * Self.keptOutput { printed = Array(printed.suffix(Self.keptOutput)) }
            if sets[0].revents != 0 && !Self.append(verdict, to: &text) { break }
        }
        // What it has printed last says most about a crash.
        for _ in 0..<16 where source >= 0 && hasInput(source) { _ = Self.append(source, to: &printed) }
        return (text, printed, false)
    }

    private func hasInput(_ descriptor: Int32) -> Bool {
        var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&one, 1, 0) > 0 && one.revents & Int16(POLLIN) != 0
    }

    /// Reads what is there; `false` at the end.
    private static func append(_ descriptor: Int32, to bytes: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 && errno == EINTR { return true }
        guard count > 0 else { return false }
        bytes += buffer[..<count]
        return true
    }

    private func lastLine(_ printed: [UInt8]) -> String {
        let lines = String(decoding: printed, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.last.map { " The last that it printed: \($0.prefix(400))" } ?? ""
    }
}

/// A pipe whose ends are closed with it, and that programs which are started do not inherit.
private final class Pipe {
    let reading: Int32
    let writing: Int32
    private var isReadingOpen = true
    private var isWritingOpen = true

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError.current("a pipe", "be made") }
        // Out of the way of the numbers that the child's ends get, and not for other programs.
        (reading, writing) = (fcntl(ends[0], F_DUPFD_CLOEXEC, 10), fcntl(ends[1], F_DUPFD_CLOEXEC, 10))
        close(ends[0])
        close(ends[1])
        guard reading >= 0, writing >= 0 else { throw SystemError.current("a pipe", "be made") }
    }

    func closeReading() {
        if isReadingOpen { close(reading) }
        isReadingOpen = false
    }

    func closeWriting() {
        if isWritingOpen { close(writing) }
        isWritingOpen = false
    }

    deinit {
        closeReading()
        closeWriting()
    }
}
