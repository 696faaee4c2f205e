import Glibc
import XOJSON

/// An isolated plugin whose process is killed, at moments that the seed chooses.
final class CrashingPlugin {
    let plugin: PlacedPlugin
    var random: SeededRandom
    /// How often it is killed in one test.
    private let kills: Int
    /// The process that was killed last.
    private var killed: pid_t?
    /// So many calls are under way when the process is killed.
    private static let load = 64
    /// The daemon waits longer and longer with a plugin that crashes again and again, and gives it up at last. So after
    /// as many it is stopped and started by hand, with which all is forgotten.
    private static let killsInARow = 2
    /// Nanoseconds for calls to be answered before the process is killed; those of some methods take longer.
    static let longestRun: Int64 = 200_000_000

    init(_ context: TestContext, _ scene: Scene) throws {
        random = SeededRandom(seed: context.settings.seed)
        kills = context.settings.kills
        plugin = try PlacedPlugin(context, scene, .isolated)
        guard plugin.load() else { throw NotApplicable.doesNotStart(plugin.refusal) }
    }

    // MARK: Under load

    /// Begins calls, as many as can be under way at once; returns their ids.
    func beginCalls() -> [Int64] {
        let calls = plugin.scene.calls.filter { !plugin.silent.contains($0.method) }
        guard !calls.isEmpty else { return [] }
        let start = Int.random(in: calls.indices, using: &random)
        return (0..<Self.load).map { index in
            let (method, parameters) = calls[(start + index) % calls.count]
            return plugin.client.begin(method, parameters)
        }
    }

    /// Kills its process with calls under way; returns their ids.
    func killUnderLoad() throws -> [Int64] {
        let process = try waitForProcess()
        let (before, ids) = (plugin.client.answered, beginCalls())
        // Not when all are answered.
        let some = ids.isEmpty ? 0 : Int.random(in: 0..<ids.count / 2, using: &random)
        // Those of methods that never answer do not come; then it is killed all the same.
        _ = plugin.client.waitForAnswers(before + some, patience: Self.longestRun)
        kill(process)
        return ids
    }

    /// Kills its process as often as the test is to, and has it started again.
    ///
    /// - Parameters:
    ///   - killOnce: kills it.
    ///   - isBack: is done when it runs again.
    func killAgainAndAgain(_ killOnce: () throws -> Void, isBack: () throws -> Void = {}) throws {
        for number in 1...kills {
            try killOnce()
            try waitUntilBack()
            try isBack()
            guard number % Self.killsInARow == 0, number < kills else { continue }
            guard plugin.restart() else {
                throw Breach(
                    .comeBack, "After it was killed \(number) times it cannot be restarted: \(plugin.state()).")
            }
        }
    }

    // MARK: Its process

    /// - Throws: a breach of kind `comeBack` if there is none.
    func waitForProcess() throws -> pid_t {
        guard let process = poll(patience: plugin.patience, { process }) else {
            throw Breach(.comeBack, "It has no process in which it could be killed: \(plugin.state()).")
        }
        return process
    }

    func kill(_ process: pid_t) {
        Glibc.kill(process, SIGKILL)
        killed = process
    }

    /// Waits until a process that was killed has ended: until then it may go on for a moment.
    func waitForEnd(of process: pid_t) {
        _ = poll(patience: plugin.patience) { Processes.isAlive(process) ? nil : true }
    }

    /// The process in which it is; `nil` if there is none, or only the one that was killed.
    private var process: pid_t? {
        Processes.children(of: plugin.daemon.id).first {
            $0.arguments.last == Daemon.subject && !$0.isZombie && $0.id != killed
        }?.id
    }

    /// Waits until the daemon has started it again.
    ///
    /// - Throws: a breach of kind `comeBack` if it does not start.
    func waitUntilBack() throws {
        let isBack = try poll(patience: plugin.patience) { () throws(Breach) -> Bool? in
            // In this order: what is said to run once there is another process is not the one that was killed.
            let isReplaced = process != nil
            guard let entry = plugin.entry else { return nil }
            let reason = entry["error"]?.string ?? ""
            // The daemon says first that the process has ended, and then what it did about that.
            if entry["state"] == "failed" && !reason.hasSuffix("it is started again") {
                throw Breach(.comeBack, "After its process was killed it does not start again: \(reason).")
            }
            return isReplaced && entry["state"] == "running" ? true : nil
        }
        guard isBack == true else {
            throw Breach(
                .comeBack,
                "After its process was killed it is not back within \(plugin.patience / 1_000_000) ms: "
                    + "\(plugin.state()).")
        }
    }
}
