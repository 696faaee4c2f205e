import CXOPlugin
import XOJSON
import XOProtocol

/// The C tables of every Swift plugin. They are constant: which instance is meant comes in as `self`.
enum Tables {
    static func instance(_ data: UnsafeMutableRawPointer) -> xo_instance {
        xo_instance(
            struct_size: UInt32(MemoryLayout<xo_instance>.size), reserved: 0, data: data,
            setup: { Instance.from($0)?.setUp($1) ?? .internal },
            configure: { pointer, op, bytes in
                guard let instance = Instance.from(pointer),
                    let configuration = try? bytes.len == 0 ? [:] : JSON(parsing: bytes.buffer)
                else { return .invalidArgument }
                return instance.step(op) { try await instance.configure(configuration) }
            },
            start: { pointer, op in
                guard let instance = Instance.from(pointer) else { return .internal }
                return instance.startStep(op)
            },
            stop: { pointer, op in
                guard let instance = Instance.from(pointer) else { return .internal }
                return instance.stopStep(op)
            },
            destroy: { Instance.from($0)?.destroy() },
            get_extension: { _, id in Tables.extensions[id.string ?? ""]?.pointer },
            cancel: { Instance.from($0)?.cancel($1) })
    }

    private static let extensions: [String: ConstantTable] = [
        XO_METHODS_1: methods(),
        XO_CALLS_1: calls(),
        XO_EVENTS_1: events(),
        XO_HTTP_1: http(),
        XO_TRANSPORT_1: transport(),
        XO_STORE_1: store(),
        XO_AUTH_1: auth(),
    ]

    private static func methods() -> ConstantTable {
        var table = xo_methods(
            struct_size: UInt32(MemoryLayout<xo_methods>.size), reserved: 0,
            catalog: { pointer, out in
                guard let instance = Instance.from(pointer) else { return .internal }
                out.pointee = instance.catalogue
                return .ok
            },
            invoke: { Instance.from($0)?.invoke($1, Int($2), $3) ?? .internal })
        return ConstantTable(&table)
    }

    private static func calls() -> ConstantTable {
        var table = xo_calls(
            struct_size: UInt32(MemoryLayout<xo_calls>.size), reserved: 0,
            on_reply: { Instance.from($0)?.host?.calls.receive($1, $2, $3.buffer) })
        return ConstantTable(&table)
    }

    private static func events() -> ConstantTable {
        var table = xo_events(
            struct_size: UInt32(MemoryLayout<xo_events>.size), reserved: 0,
            on_event: { pointer, sub, token, topic, payload in
                guard let topic = topic.string else { return }
                Instance.from(pointer)?.host?.events.receive(token, sub, topic, payload.buffer)
            },
            on_gap: { pointer, _, token, lost in Instance.from(pointer)?.host?.events.noteGap(token, lost) },
            on_unsubscribed: { pointer, _, token, _ in Instance.from(pointer)?.host?.events.finish(token) })
        return ConstantTable(&table)
    }

    private static func http() -> ConstantTable {
        var table = xo_http(
            struct_size: UInt32(MemoryLayout<xo_http>.size), reserved: 0,
            on_request: { pointer, op, token, request in
                guard let instance = Instance.from(pointer), let host = instance.host else { return .internal }
                return host.http.receive(op, token, request, on: instance)
            })
        return ConstantTable(&table)
    }

    private static func transport() -> ConstantTable {
        var table = xo_transport(
            struct_size: UInt32(MemoryLayout<xo_transport>.size), reserved: 0,
            on_answers: { pointer, session, answers, count in
                Instance.from(pointer)?.host?.transportHandler?.answer(
                    SessionID(session), Answers(UnsafeBufferPointer(start: answers, count: Int(count))))
            },
            deliver: { pointer, sessions, count, payload in
                // SessionID has xo_session's layout: one UInt64.
                sessions.withMemoryRebound(to: SessionID.self, capacity: Int(count)) {
                    Instance.from(pointer)?.host?.transportHandler?.deliver(
                        UnsafeBufferPointer(start: $0, count: Int(count)), payload: payload.buffer)
                }
            },
            kick: { Instance.from($0)?.host?.transportHandler?.kick(SessionID($1), reason: $2.string ?? "") },
            on_http_response: { pointer, token, response in
                Instance.from(pointer)?.host?.transportHandler?.respond(token: token, HTTPResponse(response))
            },
            on_listening: { pointer, listener, token, status, descriptor, detail in
                Instance.from(pointer)?.host?.transport?.listenRequests.receive(
                    listener, token, status, descriptor, detail.string ?? "")
            })
        return ConstantTable(&table)
    }

    private static func store() -> ConstantTable {
        var table = xo_store(
            struct_size: UInt32(MemoryLayout<xo_store>.size), reserved: 0,
            on_store: { Instance.from($0)?.host?.store.receive($1, $2, $3, $4.buffer) })
        return ConstantTable(&table)
    }

    private static func auth() -> ConstantTable {
        var table = xo_auth(
            struct_size: UInt32(MemoryLayout<xo_auth>.size), reserved: 0,
            authenticate: { pointer, op, credentials in
                guard let instance = Instance.from(pointer), let host = instance.host else { return .internal }
                return host.auth.authenticate(op, credentials, on: instance)
            },
            begin: { Tables.ask(.begin, $0, $1, $2) }, finish: { Tables.ask(.finish, $0, $1, $2) },
            lookup: { Tables.ask(.lookUp, $0, $1, $2) }, end: { Tables.ask(.end, $0, $1, $2) },
            page: { Tables.ask(.page, $0, $1, $2) })
        return ConstantTable(&table)
    }

    private static func ask(
        _ question: Auth.Question, _ pointer: UnsafeMutableRawPointer?, _ op: xo_op, _ request: xo_bytes
    ) -> xo_status {
        guard let instance = Instance.from(pointer), let host = instance.host else { return .internal }
        return host.auth.ask(question, op, request, on: instance)
    }
}

extension Instance {
    static func from(_ data: UnsafeMutableRawPointer?) -> Instance? {
        data.map { Unmanaged<Instance>.fromOpaque($0).takeUnretainedValue() }
    }
}
