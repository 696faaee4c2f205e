import Glibc
import XOJSON

/// The plugin in a process of its own, which is killed while calls are under way.
let crashTests: [ConformanceTest] = [
    ConformanceTest(
        .crash, "comes-back", rule: "A plugin whose process was killed starts again, whatever it was at.",
        remedy: "let start cope with what an earlier life has left: locks, sockets, half-written files.",
        judges: [.comeBack]
    ) { context in
        let crashing = try CrashingPlugin(context, Scene(context))
        try crashing.killAgainAndAgain { _ = try crashing.killUnderLoad() }
    },
    ConformanceTest(
        .crash, "answered",
        rule: "Every call is answered once: those under way by the end of the process, later ones by the next.",
        remedy: "let no call wait for something that only an earlier life could end, such as a lock in a file."
    ) { context in
        let scene = try Scene(context)
        try scene.needCalls()
        let crashing = try CrashingPlugin(context, scene)
        let (plugin, client) = (crashing.plugin, crashing.plugin.client)
        var ids: [Int64] = []
        try crashing.killAgainAndAgain { ids += try crashing.killUnderLoad() }
        // Those that are made once more end in the next life.
        client.waitForAnswers(to: ids, patience: plugin.patience)
        if let (_, count) = client.answeredOtherwiseThanOnce(ids).first {
            throw Breach(.finding, "A call that was under way when the process was killed is answered \(count) times.")
        }
        try require(client.strays.isEmpty, "The daemon sends what answers no call: \(client.strays.first ?? "").")
        // One that is never answered is not so because of the crash.
        plugin.reopen()
        plugin.callAll(isNoted: false)
        let silent = plugin.silent
        guard !silent.isEmpty else { return }
        let usual = try PlacedPlugin(context, scene, .isolated)
        guard usual.load() else { throw NotApplicable.doesNotStart(usual.refusal) }
        usual.callAll(isNoted: false)
        let lost = silent.subtracting(usual.silent).sorted()
        try require(
            lost.isEmpty,
            "Calls of \(lost.joined(separator: ", ")) are not answered any more after the process was killed.")
    },
    ConformanceTest(
        .crash, "connections",
        rule:
            "A transport whose process was killed serves again: connections may be lost, but nothing is answered twice.",
        remedy:
            "have the host open the sockets, remember nothing of connections in an earlier life, and serve as in the "
            + "first."
    ) { context in
        let scene = try Scene(context)
        guard scene.isTransport else { throw NotApplicable("the plugin is no transport") }
        let crashing = try CrashingPlugin(context, scene)
        let plugin = crashing.plugin
        var usual = plugin.services()
        guard !usual.isEmpty else { throw NotApplicable("it takes connections at no TCP port") }
        guard usual.values.contains(where: { !$0.isNone }) else {
            throw NotApplicable("it answers neither HTTP nor WebSocket")
        }
        var (load, latecomers): (TransportLoad?, [HTTPExchange?]) = (nil, [])
        // At the sockets of the host, which stay where they are.
        var kept: Set<LocalAddress> = []
        try crashing.killAgainAndAgain {
            let process = try crashing.waitForProcess()
            usual = plugin.services()
            load = TransportLoad(usual, patience: plugin.patience / 5)
            load?.waitForSome(&crashing.random)
            crashing.kill(process)
            crashing.waitForEnd(of: process)
            kept = Set(ListeningSockets.of([plugin.daemon.id]).map(\.address)).intersection(usual.keys)
            latecomers = kept.filter { usual[$0]?.status != nil }.map {
                HTTPExchange($0, method: "GET", target: Service.target, patience: plugin.patience)
            }
        } isBack: {
            for latecomer in latecomers {
                let count = latecomer?.countResponses() ?? 0
                try require(
                    count == 1,
                    "Who connects after the process was killed, before the next, is answered \(count) times.")
            }
            try load?.requireNothingTwice()
            let now = plugin.services()
            let isSame = kept.allSatisfy { now[$0] == usual[$0] } && now.values.sorted() == usual.values.sorted()
            try require(
                isSame, "After its process was killed it offers \(list(now)), but before \(list(usual)).")
        }
    },
    ConformanceTest(
        .crash, "answers", rule: "After its process was killed a plugin gives the same answers as after a restart.",
        remedy:
            "keep what has to survive in the store, whose changes are whole; and nothing that only stop would write."
    ) { context in
        let scene = try Scene(context)
        try scene.needCalls()
        try compareWithRestart(context, scene) { $0.callAll() }
    },
    ConformanceTest(
        .crash, "objects", rule: "After its process was killed a plugin publishes the same objects as after a restart.",
        remedy: "publish between snapshot_begin and snapshot_end, and give an object the same id in each life."
    ) { context in
        try compareWithRestart(context, Scene(context)) { $0.list() }
    },
    ConformanceTest(
        .crash, "nothing-left", rule: "What a plugin has started ends with its process, and with the daemon.",
        remedy: "start no process of its own session; let children end when the plugin's process does "
            + "(PR_SET_PDEATHSIG, a pipe)."
    ) { context in
        let crashing = try CrashingPlugin(context, Scene(context))
        let (plugin, daemon) = (crashing.plugin, crashing.plugin.daemon)
        _ = try crashing.killUnderLoad()
        try crashing.waitUntilBack()
        let isTidy = poll(patience: plugin.patience / 5) {
            Processes.children(of: daemon.id).contains(where: \.isZombie) ? nil : true
        }
        try require(isTidy == true, "The daemon has a child that has ended and that nobody waits for.")
        try require(daemon.stop(), "The daemon does not stop with the plugin.")
        let left =
            poll(patience: plugin.patience / 5) {
                Processes.started(with: daemon.mark).isEmpty ? [] : nil
            } ?? Processes.started(with: daemon.mark)
        for process in left { kill(process.id, SIGKILL) }
        let names = left.map { $0.arguments.joined(separator: " ") }
        try require(
            left.isEmpty,
            "When the plugin's process was killed and the daemon has ended, there is still: \(names.joined(separator: "; "))."
        )
    },
]

/// What is offered at each socket, for people.
private func list(_ services: [LocalAddress: Service]) -> String {
    let offers = services.sorted { $0.key.port < $1.key.port }.map { "\($0.value) at port \($0.key.port)" }
    return offers.isEmpty ? "nothing" : offers.joined(separator: "; ")
}

/// Looks at the plugin after its process was killed, and after it was stopped and started again, which must be the same.
private func compareWithRestart(
    _ context: TestContext, _ scene: Scene, _ look: (PlacedPlugin) -> Void
) throws {
    var isCutShort = false
    func run(isKilled: Bool) throws -> Transcript {
        let crashing = try CrashingPlugin(context, scene)
        let plugin = crashing.plugin
        look(plugin)
        for _ in 0..<2 {
            let before = plugin.listing().count
            if isKilled {
                _ = try crashing.killUnderLoad()
                try crashing.waitUntilBack()
            } else {
                let answered = plugin.client.answered
                _ = plugin.client.waitForAnswers(answered + crashing.beginCalls().count, patience: plugin.patience / 5)
                guard plugin.restart() else { throw NotApplicable.doesNotStart(plugin.refusal) }
            }
            // What it publishes may come when it runs already.
            _ = poll(patience: plugin.patience / 10) { plugin.listing().count == before ? true : nil }
            look(plugin)
        }
        if plugin.transcript.isCutShort { isCutShort = true }
        return plugin.transcript
    }
    let difference = try findDifference(
        context, usual: { try run(isKilled: false) }, other: { try run(isKilled: true) })
    guard let difference else {
        if isCutShort { context.remarkHaste() }
        return
    }
    throw Breach(
        .finding,
        difference.sentence("when the plugin was stopped and started again", "when its process was killed"))
}
