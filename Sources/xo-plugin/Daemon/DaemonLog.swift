import Glibc
import XOJSON

/// What the daemon prints: its log, one JSON object a line.
final class DaemonLog: Sendable {
    private struct State {
        var lines: [JSON] = []
        var isOver = false
    }

    private let state: Monitor<State>

    /// Reads on a thread of its own until the end.
    init(_ pipe: Pipe) {
        let state = Monitor(State())
        self.state = state
        _ = HostThread {
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(pipe.reading, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                rest += buffer[..<count]
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    // The greeting for people is not JSON.
                    if let line = try? JSON(parsing: Array(rest[..<end])) {
                        state.withLock { $0.lines.append(line) }
                    }
                    rest.removeFirst(end + 1)
                }
            }
            state.withLock { $0.isOver = true }
        }
    }

    /// Whether there will be no more.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// The first line that fits; waits for it. `nil` if it does not come in time.
    func line(patience: Int64, where fits: (JSON) -> Bool) -> JSON? {
        state.wait(until: MonotonicClock.now + patience) { state -> JSON?? in
            if let line = state.lines.first(where: fits) { return .some(line) }
            return state.isOver ? .some(nil) : nil
        } ?? nil
    }

    /// Where one of its plugins says that it is "listening", in the field `url`; waits until it does.
    func address(of plugin: String, patience: Int64) -> LocalAddress? {
        let line = line(patience: patience) { $0["source"]?.string == plugin && $0["message"] == "listening" }
        let urls = line?["url"]?.string?.split(separator: " ") ?? []
        return urls.lazy.compactMap { LocalAddress(url: $0) }.first
    }

    /// What it has said last of what is wrong, for people.
    var complaint: String {
        let lines = state.withLock { $0.lines }
        guard let last = lines.last(where: { $0["level"] == "error" }) else { return "" }
        return "It says: \(last["message"]?.string ?? "") \(last["reason"]?.string ?? "")"
    }
}
