import Synchronization
import XOJSON

/// A plugin's process has ended by itself.
struct Crash: Sendable {
    let instance: PluginInstance
    /// The life that ended with it.
    let life: Incarnation
    let reason: String
}

/// What is kept of a crash, for whoever has to find out why.
struct CrashRecord: Sendable {
    /// Milliseconds since 1970.
    let time: Int64
    let reason: String
    /// How long the plugin had been running.
    let uptime: Duration?
    /// The last lines that its process wrote; the runtime's own report of the crash is among them.
    let output: OutputTail
    /// How many crashes there have been since the host started.
    let count: Int

    var json: JSON {
        var members: JSONObject = ["time": JSON(time), "reason": .string(reason), "count": JSON(count)]
        if let uptime { members["uptime"] = JSON(uptime.components.seconds) }
        members["output"] = JSON(output.lines)
        return .object(members)
    }
}

/// The last lines that a process has written.
final class OutputTail: Sendable {
    private static let length = 200
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    func add(_ line: String) {
        kept.withLock { kept in
            if kept.count == OutputTail.length { kept.removeFirst() }
            kept.append(line)
        }
    }
}

/// Crashes on their way to the plugin manager.
final class Crashes: Sendable {
    let stream: AsyncStream<Crash>
    private let continuation: AsyncStream<Crash>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func report(_ crash: Crash) { continuation.yield(crash) }
}

/// When a plugin that has crashed is started again: at once, then later and later, until it has run for a while. One that
/// crashes too often is not.
struct RestartPolicy: Sendable {
    private static let longest = Duration.seconds(30)
    private static let first = Duration.milliseconds(200)
    /// After so long a run a crash counts as the first one.
    static let recovery = Duration.seconds(60)
    /// So many crashes in so long a time are too many.
    static let maximumCrashes = 5
    private static let window = Duration.seconds(600)

    private var next = Duration.zero
    /// On the monotonic clock.
    private var crashes: [Int64] = []

    /// Notes a crash; `false` if there have been too many.
    ///
    /// - Parameter uptime: how long it ran before.
    mutating func noteCrash(uptime: Duration) -> Bool {
        let now = Clock.now
        crashes.removeAll { now - $0 > RestartPolicy.window.nanoseconds }
        crashes.append(now)
        if uptime >= RestartPolicy.recovery { next = .zero }
        return crashes.count < RestartPolicy.maximumCrashes
    }

    /// How long to wait before the next attempt.
    mutating func nextDelay() -> Duration {
        defer { next = next == .zero ? RestartPolicy.first : min(next * 2, RestartPolicy.longest) }
        return next
    }
}
