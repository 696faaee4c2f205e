import CXOPlugin
import XOJSON
import XOProtocol

/// What a transport brings in: every message is answered by "no such method", every request by 404.
extension CheckedHost {
    func makeTransport() -> xo_transport_host {
        xo_transport_host(
            struct_size: size(of: xo_transport_host.self), reserved: 0, ctx: Contexts.make(for: self, .transport),
            session_open: { context, peer, out in
                CheckedHost.serve(context, .transport, "xo_transport_host.session_open") {
                    try CheckedHost.check(peer.pointee)
                    out.pointee.id = $0.handles.make(.session)
                    return .ok
                }
            },
            session_close: { context, session in
                CheckedHost.serve(context, .transport, "xo_transport_host.session_close", .always) {
                    _ = try $0.check(session.id, .session)
                    $0.handles.close(session.id)
                }
            },
            session_flow: { context, session, _ in
                CheckedHost.serve(context, .transport, "xo_transport_host.session_flow", .always) {
                    _ = try $0.check(session.id, .session)
                }
            },
            dispatch: { context, session, messages, count, taken in
                CheckedHost.serve(context, .transport, "xo_transport_host.dispatch") { host in
                    taken.pointee = 0
                    guard try host.check(session.id, .session) == .ok else { return .staleHandle }
                    for index in 0..<Int(count) {
                        _ = try messages[index].payload.checked("messages")
                        host.answer(session, messages[index].token)
                    }
                    taken.pointee = count
                    return .accepted
                }
            },
            http: { context, token, request in
                CheckedHost.serve(context, .transport, "xo_transport_host.http") { host in
                    try CheckedHost.check(request.pointee)
                    host.callBack("on_http_response") { tables in
                        host.lend {
                            let response = $0.value(
                                xo_http_response(
                                    struct_size: host.size(of: xo_http_response.self), status: 404, headers: nil,
                                    header_count: 0, header_stride: UInt32(MemoryLayout<xo_http_header>.stride),
                                    body: xo_bytes(ptr: nil, len: 0)), trailing: host.plan.trailing)
                            tables.onHTTPResponse?(tables.data, token, response)
                        }
                    }
                    return .accepted
                }
            },
            announce: { context, urls in
                CheckedHost.serve(context, .transport, "xo_transport_host.announce", .always) { _ in
                    _ = try urls.checked("urls")
                }
            },
            listen: CheckedHost.listen, unlisten: CheckedHost.unlisten)
    }

    private func answer(_ session: xo_session, _ token: UInt64) {
        let text = #"{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"method not found"}}"#
        callBack("on_answers") { [self] tables in
            lend { loan in
                let message = xo_message(token: token, payload: loan.bytes(Array(text.utf8)))
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
