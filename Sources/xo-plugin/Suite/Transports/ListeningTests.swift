import CXOPlugin
import XOJSON
import XOProtocol

/// Transports that have the host open their sockets: what it answers, when, and whose the descriptors are.
let listeningTests: [ConformanceTest] = [
    ConformanceTest(
        .transports, "refused-sockets",
        rule: "on_listening may bring any error and any reason; a start that fails for it says so.",
        remedy:
            "look at the status first, check pointer and length of `detail` before it is read, and complete start on "
            + "every path."
    ) { context in
        for (status, detail) in refusals {
            var plan = HostPlan()
            plan.loans = .guarded
            plan.transport.listening = [.refusal(status, detail: detail)]
            let instance = try context.configuredTransport(plan)
            try undoing(context, instance, "When the host has no socket for it, but the status \(status)") {
                try instance.start()
                try needListeners(instance)
            }
        }
    },
    ConformanceTest(
        .transports, "missing-socket",
        rule: "Of several sockets one may be refused; the descriptors of the others are the transport's all the same.",
        remedy: "close what the others have brought, or come to bring, when start fails for one; or serve without it."
    ) { context in
        let refusal = TransportPlan.ListenAnswer.refusal(.alreadyExists, detail: .bytes(Array("in use".utf8)))
        let socket = TransportPlan.ListenAnswer.socket
        for (number, answers) in [[socket, refusal], [refusal, socket], [refusal, .late]].enumerated() {
            var plan = HostPlan()
            plan.transport.listening = answers
            let instance = try context.configuredTransport(plan)
            try undoing(context, instance, "When one of its sockets is refused") {
                let op = try instance.beginStart()
                // The others come when the start may be over for the one that was refused.
                _ = try poll(patience: instance.patience / 2) {
                    try instance.answerLateListeners()
                    return instance.host.operations.unfinished(of: [op], patience: 0).isEmpty ? true : nil
                }
                try instance.finishStart(op)
            }
            try needListeners(instance)
            // Whoever asks for one after the other asks for the second if the first was not refused.
            guard number > 0 || instance.host.listeners.withLock({ $0.count > 1 }) else {
                throw NotApplicable("it asks for one socket; --configuration can have it ask for several")
            }
            try requireClosed(instance, "When one of its sockets is refused")
        }
    },
    ConformanceTest(
        .transports, "late-socket",
        rule: "A socket may come when nobody waits for it any more; its descriptor is the transport's all the same.",
        remedy: "close the descriptor in on_listening if it is not wanted any more, and in destroy what is still open."
    ) { context in
        var plan = HostPlan()
        plan.transport.listening = [.late]
        let instance = try context.configuredTransport(plan)
        let op = try instance.beginStart()
        let host = instance.host
        let hasAsked = poll(patience: instance.patience / 2) {
            if host.listeners.withLock({ !$0.isEmpty }) { return true }
            return host.operations.unfinished(of: [op], patience: 0).isEmpty ? false : nil
        }
        try instance.abandonStart(op)
        guard hasAsked == true else { throw needsNoSocket }
        try context.expecting("After a socket that came when its start was given up") {
            try instance.answerLateListeners()
            try instance.destroy()
        }
        try requireClosed(instance, "After a socket that came when its start was given up")
    },
    ConformanceTest(
        .transports, "descriptors",
        rule: "The descriptor of on_listening is the transport's own: it closes it when it stops, and once.",
        remedy: "close the descriptor of each socket in stop, and forget its number: it may be another's by then."
    ) { context in
        let instance = try context.transport()
        try needListeners(instance)
        var squatters: [Squatter] = []
        func stopAndTakeOver() throws {
            try instance.stop()
            try requireClosed(instance, "When it has stopped")
            squatters += instance.host.lentSockets.compactMap { Squatter($0.descriptor) }
        }
        try stopAndTakeOver()
        try context.expecting("After a stop that has closed its sockets") {
            try instance.configure()
            try instance.start()
            try stopAndTakeOver()
            try instance.destroy()
        }
        try require(
            squatters.allSatisfy(\.isThere),
            "It closes the descriptor of a socket again, when the number has become another's already.")
    },
]

/// Every status of the header and one that nobody knows, with reasons of every kind.
private let refusals: [(xo_status, TransportPlan.ListenAnswer.View)] = [
    (.alreadyExists, .bytes(Array("Address already in use".utf8))),
    (.permissionDenied, .bytes([])),
    (.notFound, .bytes(Array(String(repeating: "é", count: 50_000).utf8))),
    // Not UTF-8: a byte that never occurs, a character cut short.
    (.invalidArgument, .bytes([0xFF, 0xFE, 0x00, 0x25, 0x6E])),
    (.resourceExhausted, .bytes(Array("no mor".utf8) + [0xE2, 0x82])),
    (xo_status(-9999), .lie(5)),
    (.internal, .lie(UInt64(Int64.max) + 1)),
]

private let needsNoSocket = NotApplicable("it asks the host for no socket")

private func needListeners(_ instance: PluginInstance) throws {
    if instance.host.listeners.withLock({ $0.isEmpty }) { throw needsNoSocket }
}

/// Fails the test if a descriptor that the transport has got is still open; a thread may be about to close it.
private func requireClosed(_ instance: PluginInstance, _ circumstance: String) throws {
    let isClosed = poll(patience: instance.patience / 5) {
        instance.host.lentSockets.contains(where: \.isOpen) ? nil : true
    }
    try require(isClosed == true, "\(circumstance), a descriptor that on_listening has brought is still open.")
}
