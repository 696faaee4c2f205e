import CXOPlugin
import XOProtocol

/// The tables of a plugin whose functions are in another process.
enum RemotePluginTables {
    static func instance(_ data: UnsafeMutableRawPointer, takesConfiguration: Bool) -> xo_instance {
        var table = xo_instance(
            struct_size: UInt32(MemoryLayout<xo_instance>.size), reserved: 0, data: data,
            // It happened in the runner, together with `create`.
            setup: { _, _ in .ok },
            configure: { pointer, op, configuration in
                RemotePlugin.from(pointer).request(.configure, op, isSecret: true) { $0.write(configuration) }
            },
            start: { pointer, op in RemotePlugin.from(pointer).request(.start, op) },
            stop: { pointer, op in RemotePlugin.from(pointer).request(.stop, op) },
            destroy: { pointer in
                let plugin = RemotePlugin.from(pointer)
                plugin.expectEnd()
                plugin.tell(.destroy) { _ in }
                Unmanaged.passUnretained(plugin).release()
            },
            get_extension: { pointer, id in
                guard let id = id.string, RemotePlugin.from(pointer).offers(id) else { return nil }
                return RemotePluginTables.extensions[id]?.pointer
            },
            cancel: { pointer, op in RemotePlugin.from(pointer).tell(.cancel) { $0.write(op.id) } })
        if !takesConfiguration { table.configure = nil }
        return table
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
            catalog: { RemotePlugin.from($0).giveCatalogue($1) },
            invoke: { pointer, op, method, call in
                let call = call.pointee
                return RemotePlugin.from(pointer).request(.invoke, op) {
                    $0.write(method)
                    $0.write(call.flags)
                    $0.write(call.params)
                    $0.write(call.caller)
                    $0.write(call.objects)
                    $0.write(call.deadline_ns)
                    $0.write(call.trace_high)
                    $0.write(call.trace_low)
                }
            })
        return ConstantTable(&table)
    }

    private static func calls() -> ConstantTable {
        var table = xo_calls(
            struct_size: UInt32(MemoryLayout<xo_calls>.size), reserved: 0,
            on_reply: { pointer, token, status, payload in
                let plugin = RemotePlugin.from(pointer)
                plugin.calls.remove(token)
                plugin.tell(.onReply) {
                    $0.write(token)
                    $0.write(status)
                    $0.write(payload)
                }
            })
        return ConstantTable(&table)
    }

    private static func events() -> ConstantTable {
        var table = xo_events(
            struct_size: UInt32(MemoryLayout<xo_events>.size), reserved: 0,
            on_event: { pointer, _, token, topic, payload in
                RemotePlugin.from(pointer).tell(.onEvent) {
                    $0.write(token)
                    $0.write(topic)
                    $0.write(payload)
                }
            },
            on_gap: { pointer, _, token, lost in
                RemotePlugin.from(pointer).tell(.onGap) {
                    $0.write(token)
                    $0.write(lost)
                }
            },
            on_unsubscribed: { pointer, _, token, status in
                RemotePlugin.from(pointer).tell(.onUnsubscribed) {
                    $0.write(token)
                    $0.write(status)
                }
            })
        return ConstantTable(&table)
    }

    private static func http() -> ConstantTable {
        var table = xo_http(
            struct_size: UInt32(MemoryLayout<xo_http>.size), reserved: 0,
            on_request: { pointer, op, token, request in
                RemotePlugin.from(pointer).request(.onRequest, op) {
                    $0.write(token)
                    $0.write(request)
                }
            })
        return ConstantTable(&table)
    }

    private static func transport() -> ConstantTable {
        var table = xo_transport(
            struct_size: UInt32(MemoryLayout<xo_transport>.size), reserved: 0,
            on_answers: { pointer, session, answers, count in
                let plugin = RemotePlugin.from(pointer)
                guard let local = plugin.sessions.local(session.id) else { return }
                plugin.tell(.onAnswers) {
                    $0.write(local)
                    $0.write(UnsafeBufferPointer(start: answers, count: Int(count)))
                }
            },
            deliver: { pointer, sessions, count, payload in
                RemotePlugin.from(pointer).deliver(
                    UnsafeBufferPointer(start: sessions, count: Int(count)).lazy.map(\.id), payload)
            },
            kick: { pointer, session, reason in
                let plugin = RemotePlugin.from(pointer)
                guard let local = plugin.sessions.local(session.id) else { return }
                plugin.tell(.kick) {
                    $0.write(local)
                    $0.write(reason)
                }
            },
            on_http_response: { pointer, token, response in
                RemotePlugin.from(pointer).tell(.onHTTPResponse) {
                    $0.write(token)
                    $0.write(response)
                }
            },
            on_listening: { pointer, _, token, status, descriptor, detail in
                RemotePlugin.from(pointer).tellListening(
                    token, status, status >= 0 ? DescriptorInTransit(OwnedDescriptor(descriptor)) : nil,
                    detail.string ?? "")
            })
        return ConstantTable(&table)
    }

    private static func store() -> ConstantTable {
        var table = xo_store(
            struct_size: UInt32(MemoryLayout<xo_store>.size), reserved: 0,
            on_store: { pointer, token, status, revision, payload in
                RemotePlugin.from(pointer).tell(.onStore, isSecret: true) {
                    $0.write(token)
                    $0.write(status)
                    $0.write(revision)
                    $0.write(payload)
                }
            })
        return ConstantTable(&table)
    }

    /// A function that the plugin lacks is answered by its runner.
    private static func auth() -> ConstantTable {
        var table = xo_auth(
            struct_size: UInt32(MemoryLayout<xo_auth>.size), reserved: 0,
            authenticate: { pointer, op, credentials in
                let credentials = credentials.pointee
                return RemotePlugin.from(pointer).request(.authenticate, op, isSecret: true) {
                    $0.write(credentials.kind)
                    $0.write(credentials.name)
                    $0.write(credentials.secret)
                    $0.write(credentials.address)
                }
            },
            begin: { pointer, op, request in RemotePlugin.from(pointer).ask(.authBegin, op, request) },
            finish: { pointer, op, request in RemotePlugin.from(pointer).ask(.authFinish, op, request) },
            lookup: { pointer, op, request in RemotePlugin.from(pointer).ask(.authLookup, op, request) },
            end: { pointer, op, request in RemotePlugin.from(pointer).ask(.authEnd, op, request) },
            page: { pointer, op, request in RemotePlugin.from(pointer).ask(.authPage, op, request) })
        return ConstantTable(&table)
    }
}

extension RemotePlugin {
    /// Sends a question to a provider. What a browser brings may be as good as a password.
    fileprivate func ask(_ function: PluginFunction, _ op: xo_op, _ question: xo_bytes) -> xo_status {
        request(function, op, isSecret: true) { $0.write(question) }
    }

    /// The plugin that a table was made for. It is kept until `destroy`.
    fileprivate static func from(_ data: UnsafeMutableRawPointer?) -> RemotePlugin {
        guard let data else { preconditionFailure("a table of a remote plugin without its plugin") }
        return Unmanaged<RemotePlugin>.fromOpaque(data).takeUnretainedValue()
    }
}
