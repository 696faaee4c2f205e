import CXOPlugin
import XOJSON

/// Plugins that bring sessions and requests in.
let transportTests: [ConformanceTest] = [
    ConformanceTest(
        .transports, "strange-values",
        rule: "What the host hands to a transport may be empty or long, for sessions that are gone, and not be kept.",
        remedy: "look the session or token up and pass over what is not there; copy what has to wait."
    ) { context in
        var plan = HostPlan()
        plan.loans = .guarded
        let instance = try context.transport(plan)
        let visitors = try Visitors(instance)
        let unknown = xo_session(id: 0xFF_FFFF << 40 | 12345)
        let payloads = [[], Array("{}".utf8), [0], [0xFF, 0xFE], [UInt8](repeating: 0x20, count: 4 << 20)]
        for session in instance.openSessions + [unknown, xo_session(id: 0)] {
            for payload in payloads {
                for token in [0, UInt64.max] { try instance.answer(session, token: token, payload) }
                try instance.deliver([unknown, session, session], payload)
            }
        }
        for token in [0, UInt64.max] {
            for response in strangeResponses { try instance.respond(token, response) }
        }
        for session in instance.openSessions + [unknown] { try instance.kick(session, longestReason) }
        for session in instance.openSessions + [unknown] { try instance.kick(session, "") }
        visitors.leave()
        try context.expecting("After strange values") { try instance.end() }
    },
    ConformanceTest(
        .transports, "busy",
        rule: "On XO_BUSY the first `*taken` messages were taken; the others come again when one is answered.",
        remedy: "keep what was not taken, hand nothing over until an answer has come, and begin with what was kept.",
        judges: [.busyIgnored]
    ) { context in
        var plan = HostPlan()
        plan.transport.limit = 1
        let instance = try context.transport(plan)
        let visitors = try Visitors(instance)
        let isOver: Bool? = instance.host.sessions.wait(until: MonotonicClock.now + instance.patience) { sessions in
            let isQuiet = sessions.values.allSatisfy { $0.isClosed || ($0.refused.isEmpty && $0.underWay == 0) }
            return isQuiet && sessions.values.map(\.answered).reduce(0, +) >= visitors.messages ? true : nil
        }
        try require(isOver == true, "Messages of a busy session do not come again when others are answered.")
        try visitors.requireAnswers()
        visitors.leave()
        try instance.end()
    },
    ConformanceTest(
        .transports, "closed-sessions", rule: "After session_close the handle is stale, and not used any more.",
        remedy: "forget the session before session_close, and call that once.", judges: [.sessionMisused]
    ) { context in
        let instance = try context.transport()
        let visitors = try Visitors(instance)
        for session in instance.openSessions { try instance.kick(session, "The suite has seen enough.") }
        visitors.leave()
        try instance.end()
    },
    ConformanceTest(
        .transports, "kick", rule: "kick closes the connection, and session_close says that it is gone.",
        remedy: "close the connection for kick as for a client that goes, and call session_close."
    ) { context in
        let instance = try context.transport()
        let visitors = try Visitors(instance)
        let sessions = instance.openSessions
        for session in sessions { try instance.kick(session, longestReason) }
        let left = poll(patience: instance.patience / 2) { instance.openSessions.isEmpty ? true : nil }
        try require(left == true, "It does not close a session that was kicked.")
        visitors.leave()
        try context.expecting("After all sessions were kicked") { try instance.end() }
    },
    ConformanceTest(
        .transports, "refused-sessions",
        rule: "session_open may fail with XO_RESOURCE_EXHAUSTED; then there is no session, and nothing to dispatch.",
        remedy: "look at what session_open returns, and close the connection if it is an error.", judges: [.badArgument]
    ) { context in
        var plan = HostPlan()
        plan.transport.opensSessions = false
        let instance = try context.transport(plan)
        let visitors = try Visitors(instance, opens: false)
        visitors.leave()
        try context.expecting("When the host opens no sessions") { try instance.end() }
    },
    ConformanceTest(
        .transports, "responses",
        rule: "A response may have any status from 200 to 599, any headers or none, and any body or none.",
        remedy: "look at pointer and count before headers and body are read; send the status as it is."
    ) { context in
        var plan = HostPlan()
        plan.loans = .guarded
        plan.transport.responses = strangeResponses
        let instance = try context.transport(plan)
        let visitors = try Visitors(instance)
        if visitors.canRequest {
            for response in strangeResponses {
                let status = visitors.request("/")
                try require(
                    status == Int(response.status),
                    "A request that the host answers with \(response.status) is answered with "
                        + "\(status.map(String.init) ?? "nothing").")
            }
        } else if instance.host.requests.withLock({ $0 == 0 }) {
            throw NotApplicable("it brings in no request by itself, and there is nowhere to send one to")
        }
        visitors.leave()
        try context.expecting("After strange responses") { try instance.end() }
    },
    ConformanceTest(
        .transports, "stop-with-sessions",
        rule: "stop closes what is open, and waits for no answer: none comes when it is over.",
        remedy: "close the connections, and complete stop when they are closed or a short time has passed."
    ) { context in
        var plan = HostPlan()
        plan.transport.answers = false
        let instance = try context.transport(plan)
        // They stay until stop is over.
        let visitors = try Visitors(instance)
        try context.expecting("With sessions open whose messages are not answered") { try instance.end() }
        visitors.leave()
    },
]

/// As long as one may be, and of characters that take several bytes.
private let longestReason = String(repeating: "é", count: 60)

private let strangeResponses: [TransportPlan.Response] = [
    TransportPlan.Response(status: 200),
    TransportPlan.Response(status: 599, headers: [("x-empty", "")], body: Array("the last".utf8)),
    TransportPlan.Response(
        status: 404, headers: (0..<40).map { ("x-\($0)", String(repeating: "v", count: 100)) },
        body: [UInt8](repeating: 0xFF, count: 2 << 20)),
    TransportPlan.Response(status: 204),
]

extension TestContext {
    /// An instance of a transport that is about to start.
    func configuredTransport(_ plan: HostPlan) throws -> PluginInstance {
        let instance = try readyInstance(plan)
        guard try instance.isTransport else { throw NotApplicable("the plugin is no transport") }
        try instance.configure()
        return instance
    }

    /// A running instance of a transport.
    func transport(_ plan: HostPlan = HostPlan()) throws -> PluginInstance {
        let instance = try configuredTransport(plan)
        try instance.start()
        return instance
    }
}
