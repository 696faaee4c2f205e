import CXOPlugin
import XOJSON
import XOProtocol

/// What a transport brings in: every message is answered by "no such method", every request as the plan says.
extension CheckedHost {
    func makeTransport() -> xo_transport_host {
        xo_transport_host(
            struct_size: size(of: xo_transport_host.self), reserved: 0, ctx: Contexts.make(for: self, .transport),
            session_open: { context, peer, out in
                CheckedHost.serve(context, .transport, "xo_transport_host.session_open") {
                    try CheckedHost.check(peer.pointee)
                    guard $0.plan.transport.opensSessions else { return .resourceExhausted }
                    let handle = $0.handles.make(.session)
                    $0.sessions.withLock { sessions in sessions[handle] = TransportSession() }
                    out.pointee.id = handle
                    return .ok
                }
            },
            session_close: { context, session in
                CheckedHost.serve(context, .transport, "xo_transport_host.session_close", .always) {
                    guard try $0.isOpen(session, "closes") else { return }
                    $0.sessions.withLock { sessions in sessions[session.id]?.isClosed = true }
                    $0.handles.close(session.id)
                }
            },
            session_flow: { context, session, _ in
                CheckedHost.serve(context, .transport, "xo_transport_host.session_flow", .always) {
                    _ = try $0.isOpen(session, "pauses or goes on with")
                }
            },
            dispatch: { context, session, messages, count, taken in
                CheckedHost.serve(context, .transport, "xo_transport_host.dispatch") {
                    taken.pointee = 0
                    guard try $0.isOpen(session, "dispatches messages of") else { return .staleHandle }
                    let tokens = (0..<Int(count)).map { messages[$0].token }
                    let texts = try (0..<Int(count)).map { try messages[$0].payload.checked("messages") }
                    let (accepted, complaint) = $0.take(session, texts)
                    if let complaint { $0.journal.note(.busyIgnored, "It \(complaint)") }
                    taken.pointee = UInt32(accepted)
                    if $0.plan.transport.answers {
                        for index in 0..<accepted { $0.answer(session, tokens[index], texts[index]) }
                    }
                    return accepted < texts.count ? .busy : .accepted
                }
            },
            http: { context, token, request in
                CheckedHost.serve(context, .transport, "xo_transport_host.http") { host in
                    try CheckedHost.check(request.pointee)
                    let all = host.plan.transport.responses
                    let number = host.requests.withLock { number in
                        defer { number += 1 }
                        return number
                    }
                    host.callBack("on_http_response") { tables in
                        host.lend { loan in
                            let response = loan.response(all[number % all.count], host)
                            tables.onHTTPResponse?(tables.data, token, response)
                        }
                    }
                    return .accepted
                }
            },
            announce: { context, urls in
                CheckedHost.serve(context, .transport, "xo_transport_host.announce", .always) {
                    let urls = try urls.checked("urls").split(separator: " ").map(String.init)
                    $0.urls.withLock { $0 = urls }
                }
            },
            listen: CheckedHost.listen, unlisten: CheckedHost.unlisten)
    }

    /// Whether somebody has asked for a socket, or brought something in, or said where.
    var isUsedByTransport: Bool {
        listeners.withLock { !$0.isEmpty } || sessions.withLock { !$0.isEmpty } || urls.withLock { !$0.isEmpty }
            || requests.withLock { $0 > 0 }
    }

    /// Whether a session that the plugin uses is open; one that it has closed itself is noted.
    ///
    /// - Parameter verb: what it does with it.
    private func isOpen(_ session: xo_session, _ verb: String) throws -> Bool {
        guard try check(session.id, .session) != .ok else { return true }
        // Those of an instance that has stopped went without its doing.
        if sessions.withLock({ $0[session.id]?.isClosed }) == true {
            journal.note(.sessionMisused, "It \(verb) a session that it has closed.")
        }
        return false
    }

    private func take(_ session: xo_session, _ messages: [[UInt8]]) -> (count: Int, complaint: String?) {
        sessions.withLock { [limit = plan.transport.limit] in
            $0[session.id]?.take(messages, limit: limit) ?? (0, nil)
        }
    }

    private func answer(_ session: xo_session, _ token: UInt64, _ message: [UInt8]) {
        let id = (try? JSON(parsing: message))?["id"] ?? .null
        let answer: JSON = [
            "jsonrpc": "2.0", "id": id, "error": ["code": -32601, "message": "method not found"],
        ]
        callBack("on_answers") { [self] tables in
            let isOpen = sessions.withLock { sessions in
                sessions[session.id]?.noteAnswer()
                return sessions[session.id]?.isClosed == false
            }
            // No reply follows when the connection is gone.
            guard isOpen else { return }
            lend { loan in
                let message = xo_message(token: token, payload: loan.bytes(answer.serialized()))
                if let answers = loan.array([message]) { tables.onAnswers?(tables.data, session, answers, 1) }
            }
        }
    }

    private static func check(_ peer: xo_peer) throws {
        try BadArgument.checkSize(peer.struct_size, of: xo_peer.self, "peer")
        _ = (try peer.address.checked("address"), try peer.transport.checked("transport"))
    }

    private static func check(_ request: xo_http_request) throws {
        try BadArgument.checkSize(request.struct_size, of: xo_http_request.self, "request")
        if let peer = request.peer { try check(peer.pointee) }
        _ = (try request.method.checked("method"), try request.query.checked("query"))
        guard try request.path.checked("path").hasPrefix("/") else {
            throw BadArgument("a request whose `path` does not begin with '/'")
        }
        for header in try BadArgument.array(
            request.headers, request.header_count, stride: Int(request.header_stride), "headers")
        {
            _ = (try header.name.checked("name"), try header.value.checked("value"))
        }
        _ = try request.body.checked("body")
    }
}

extension Loan {
    /// A response, with all that it points to.
    func response(_ response: TransportPlan.Response, _ host: CheckedHost) -> UnsafePointer<xo_http_response> {
        let headers = response.headers.map { xo_http_header(name: text($0.name), value: text($0.value)) }
        return value(
            xo_http_response(
                struct_size: host.size(of: xo_http_response.self), status: response.status, headers: array(headers),
                header_count: UInt32(headers.count), header_stride: UInt32(MemoryLayout<xo_http_header>.stride),
                body: bytes(response.body)), trailing: host.plan.trailing)
    }
}
