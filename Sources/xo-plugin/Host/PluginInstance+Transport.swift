import CXOPlugin
import XOProtocol

/// What a host tells a transport, with whatever values a test chooses.
extension PluginInstance {
    /// Whether it is one.
    var isTransport: Bool { get throws { try ready().onAnswers != nil } }

    /// Answers a message, whoever has sent it.
    func answer(_ session: xo_session, token: UInt64, _ payload: [UInt8]) throws {
        try callTransport("on_answers") { tables, loan in
            let answer = loan.value(xo_message(token: token, payload: loan.bytes(payload)))
            tables.onAnswers?(tables.data, session, answer, 1)
        }
    }

    /// Tells sessions something, unasked.
    func deliver(_ sessions: [xo_session], _ payload: [UInt8]) throws {
        try callTransport("deliver") { tables, loan in
            if let first = loan.array(sessions) {
                tables.deliver?(tables.data, first, UInt32(sessions.count), loan.bytes(payload))
            }
        }
    }

    /// Has a connection closed.
    func kick(_ session: xo_session, _ reason: String) throws {
        try callTransport("kick") { tables, loan in tables.kick?(tables.data, session, loan.text(reason)) }
    }

    /// Responds to a request, whoever has sent it.
    func respond(_ token: UInt64, _ response: TransportPlan.Response) throws {
        try callTransport("on_http_response") { [host] tables, loan in
            tables.onHTTPResponse?(tables.data, token, loan.response(response, host))
        }
    }

    /// Hands over the sockets that have waited for the test; `false` if there are none.
    @discardableResult
    func answerLateListeners() throws -> Bool {
        let late = host.lateListeners
        for listener in late {
            try callTransport("on_listening") { [host] tables, _ in host.answer(listener, tables) }
        }
        return !late.isEmpty
    }

    /// Sessions that are open.
    var openSessions: [xo_session] {
        host.sessions.withLock { $0.filter { !$0.value.isClosed }.map { xo_session(id: $0.key) } }
    }

    private func callTransport(_ name: String, _ body: @escaping (PluginTables, Loan) -> Void) throws {
        let (host, tables) = (host, try ready())
        let result: Void? = host.lane.call(name, patience: patience) { host.lend { body(tables, $0) } }
        guard result != nil else { throw Breach(.finding, "\(name) does not return.") }
    }
}
