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
        kill(-child.id, SIGKILL)
        let end = child.wait()
        let last = lastLine(printed)
        if isLate {
            return .failed("It is not over after \(Double(timeout) / 1e9) s and was ended.\(last)")
        }
        // The signal above may arrive when it has done its work and is about to end by itself.
        if end.signal != 0 && !(end.signal == SIGKILL && !text.isEmpty) {
            return .failed(
                "The process crashes: \(String(cString: strsignal(end.signal))) (signal \(end.signal)).\(last)")
        }
        guard let json = try? JSON(parsing: text), let verdict = Verdict(json: json) else {
            return .failed("The process ends with the status \(end.exitStatus) in the midst of the test.\(last)")
        }
        return verdict
    }

    private func spawn(_ verdict: Pipe, _ output: Pipe, _ lifeline: Pipe) throws -> ChildProcess {
        // Printing a backtrace takes longer than all of the test.
        let inherited = ProcessInformation.environment.filter { !$0.hasPrefix("SWIFT_BACKTRACE=") }
        return try ChildProcess(
            ChildProcess.Plan(
                executable: "/proc/self/exe", name: "xo-plugin", arguments: arguments,
                environment: inherited + ["SWIFT_BACKTRACE=enable=no"],
                descriptors: [
                    (output.writing, 1), (output.writing, 2), (verdict.writing, Self.verdictDescriptor),
                    (lifeline.reading, Self.lifelineDescriptor),
                ], hasOwnGroup: true))
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
