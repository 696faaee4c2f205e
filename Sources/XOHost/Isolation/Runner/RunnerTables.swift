import CXOPlugin
import Glibc
import Synchronization
import XOJSON
import XOProtocol

/// The host's tables in a runner.
enum RunnerTables {
    static func host(_ context: UnsafeMutableRawPointer, _ task: RunnerTask) -> UnsafePointer<xo_host> {
        var table = xo_host(
            struct_size: UInt32(MemoryLayout<xo_host>.size), major: UInt16(XO_ABI_MAJOR),
            minor: UInt16(XO_ABI_MINOR), ctx: context, name: Immortal.view(task.hostName),
            version: Immortal.view(task.hostVersion), instance_id: Immortal.view(task.instanceID),
            data_dir: Immortal.view(task.dataDirectory),
            get_extension: { context, id in
                guard let id = id.string else { return nil }
                return RunnerHost.from(context).extensions[id]?.pointer
            },
            log_enabled: { context, level in
                level >= RunnerHost.from(context).logLevel.load(ordering: .relaxed) ? 1 : 0
            },
            log: { context, record in
                let host = RunnerHost.from(context)
                guard Int(record.pointee.struct_size) >= MemoryLayout<xo_log_record>.size,
                    record.pointee.level >= host.logLevel.load(ordering: .relaxed)
                else { return }
                host.channel.send(.log) {
                    $0.write(record.pointee.level)
                    $0.write(record.pointee.message)
                    $0.write(record.pointee.fields)
                }
            },
            complete: { context, op, status, payload in
                defer { payload.discard() }
                let host = RunnerHost.from(context)
                let isSecret = payload.flags & UInt32(XO_BUF_SECRET) != 0
                let bytes = UnsafeRawBufferPointer(view: payload.ptr, payload.len)
                return host.complete(op.id, status, bytes, isSecret: isSecret)
            },
            is_cancelled: { context, op in RunnerHost.from(context).isCancelled(op.id) ? 1 : 0 })
        return Immortal.table(&table)
    }

    fileprivate static func extensions(_ context: UnsafeMutableRawPointer) -> [String: ConstantTable] {
        [
            XO_CALLS_1: calls(context), XO_OBJECTS_1: objects(context),
            XO_EVENTS_1: events(context), XO_HTTP_1: http(context),
            XO_TRANSPORT_1: transport(context), XO_STORE_1: store(context),
            XO_METRICS_1: metrics(context), XO_AUTH_1: auth(context),
        ]
    }

    // MARK: Calls

    private static func calls(_ context: UnsafeMutableRawPointer) -> ConstantTable {
        var table = xo_calls_host(
            struct_size: UInt32(MemoryLayout<xo_calls_host>.size), reserved: 0, ctx: context,
            call: { context, method, params, options, token, out in
                let host = RunnerHost.from(context)
                guard method.string != nil, let text = UnsafeRawBufferPointer(view: params.ptr, params.len),
                    text.isEmpty || text.first == UInt8(ascii: "{") && JSONText.isValid(text)
                else { return .invalidArgument }
                guard host.isServing, host.offers.calls else { return .wrongState }
                var served: UInt64 = 0
                var deadline: UInt64 = 0
                if let options, Int(options.pointee.struct_size) >= MemoryLayout<xo_call_options>.size {
                    served = options.pointee.on_behalf_of.id
                    deadline = options.pointee.deadline_ns
                }
                if served == 0 {
                    guard host.task.isGrantedService else { return .permissionDenied }
                } else {
                    guard host.isServed(served) else { return .staleHandle }
                }
                let handle = host.newCall(token: token)
                out.pointee = xo_op(id: handle)
                host.channel.send(.call) {
                    $0.write(handle)
                    $0.write(method)
                    $0.write(text)
                    $0.write(served)
                    $0.write(deadline)
                }
                return .accepted
            },
            cancel: { context, op in
                let host = RunnerHost.from(context)
                if host.hasCall(op.id) { host.channel.send(.cancelCall) { $0.write(op.id) } }
            })
        return ConstantTable(&table)
    }

    // MARK: Objects

    private static func objects(_ context: UnsafeMutableRawPointer) -> ConstantTable {
        var table = xo_objects_host(
            struct_size: UInt32(MemoryLayout<xo_objects_host>.size), reserved: 0, ctx: context,
            source_open: { context, name, out in
                let host = RunnerHost.from(context)
                guard let text = name.string else { return .invalidArgument }
                guard host.isServing else { return .wrongState }
                guard let handle = host.openSource(text) else { return .alreadyExists }
                out.pointee = xo_source(id: handle)
                host.channel.send(.sourceOpen) {
                    $0.write(handle)
                    $0.write(name)
                }
                return .ok
            },
            snapshot_begin: { RunnerTables.tell(.snapshotBegin, $0, $1) },
            snapshot_end: { RunnerTables.tell(.snapshotEnd, $0, $1) },
            put: { context, source, objects, count, stride in
                guard count > 0 else { return .ok }
                guard let objects, Int(stride) >= MemoryLayout<xo_object>.size else { return .invalidArgument }
                let views = (0..<Int(count)).map {
                    UnsafeRawPointer(objects).loadUnaligned(fromByteOffset: $0 * Int(stride), as: xo_object.self)
                }
                do {
                    for view in views { _ = try InventoryObject(view) }
                } catch {
                    RunnerHost.from(context).logError("published a malformed object", reason: "\(error)")
                    return .invalidArgument
                }
                return RunnerTables.tell(.put, context, source) {
                    $0.write(views) { writer, object in
                        writer.write(object.id)
                        writer.write(object.type)
                        writer.write(object.pool)
                        writer.write(object.ref)
                        writer.write(object.record)
                    }
                }
            },
            remove: { context, source, ids, count, stride in
                guard count > 0 else { return .ok }
                guard let ids, Int(stride) >= MemoryLayout<xo_str>.size else { return .invalidArgument }
                return RunnerTables.tell(.remove, context, source) {
                    $0.write(0..<Int(count)) { writer, index in
                        writer.write(
                            UnsafeRawPointer(ids).loadUnaligned(fromByteOffset: index * Int(stride), as: xo_str.self))
                    }
                }
            },
            source_status: { context, source, state, detail in
                RunnerTables.tell(.sourceStatus, context, source) {
                    $0.write(state)
                    $0.write(detail)
                }
            },
            source_close: { context, source in
                let host = RunnerHost.from(context)
                guard host.closeSource(source.id) else { return .staleHandle }
                host.channel.send(.sourceClose) { $0.write(source.id) }
                return .ok
            })
        return ConstantTable(&table)
    }

    /// Sends something about an open source.
    private static func tell(
        _ function: HostFunction, _ context: UnsafeMutableRawPointer?, _ source: xo_source,
        _ write: (inout WireWriter) -> Void = { _ in }
    ) -> xo_status {
        let host = RunnerHost.from(context)
        guard host.hasSource(source.id) else { return .staleHandle }
        let isSent = host.channel.send(function) {
            $0.write(source.id)
            write(&$0)
        }
        return isSent ? .ok : .resourceExhausted
    }

    // MARK: Events

    private static func events(_ context: UnsafeMutableRawPointer) -> ConstantTable {
        var table = xo_events_host(
            struct_size: UInt32(MemoryLayout<xo_events_host>.size), reserved: 0, ctx: context,
            subscribe: { context, topic, credits, token, out in
                let host = RunnerHost.from(context)
                guard let text = topic.string, !text.isEmpty, host.offers.events else { return .invalidArgument }
                guard host.isServing else { return .wrongState }
                let handle = host.newSubscription(token: token)
                out.pointee = xo_sub(id: handle)
                host.channel.send(.subscribe) {
                    $0.write(handle)
                    $0.write(topic)
                    $0.write(credits)
                }
                return .ok
            },
            grant: { context, sub, credits in
                let host = RunnerHost.from(context)
                guard host.subscription(sub.id) != nil else { return }
                host.channel.send(.grant) {
                    $0.write(sub.id)
                    $0.write(credits)
                }
            },
            unsubscribe: { context, sub in
                let host = RunnerHost.from(context)
                if host.subscription(sub.id) != nil { host.channel.send(.unsubscribe) { $0.write(sub.id) } }
            },
            publish: { context, topic, payload in
                let host = RunnerHost.from(context)
                guard let text = topic.string, let bytes = UnsafeRawBufferPointer(view: payload.ptr, payload.len),
                    JSONText.isValid(bytes)
                else { return .invalidArgument }
                guard text.hasPrefix("\(host.task.instanceID).") else { return .permissionDenied }
                let isSent = host.channel.send(.publish) {
                    $0.write(topic)
                    $0.write(bytes)
                }
                return isSent ? .ok : .resourceExhausted
            })
        return ConstantTable(&table)
    }

    // MARK: HTTP

    private static func http(_ context: UnsafeMutableRawPointer) -> ConstantTable {
        var table = xo_http_host(
            struct_size: UInt32(MemoryLayout<xo_http_host>.size), reserved: 0, ctx: context,
            route_add: { context, method, path, token, out in
                let host = RunnerHost.from(context)
                guard method.string != nil, path.string != nil, host.offers.http else { return .invalidArgument }
                guard host.isServing else { return .wrongState }
                let handle = host.newRoute()
                out.pointee = xo_route(id: handle)
                host.channel.send(.routeAdd) {
                    $0.write(handle)
                    $0.write(method)
                    $0.write(path)
                    $0.write(token)
                }
                return .ok
            },
            route_remove: { context, route in
                RunnerHost.from(context).channel.send(.routeRemove) { $0.write(route.id) }
            },
            respond: { context, op, response in
                let host = RunnerHost.from(context)
                guard Int(response.pointee.struct_size) >= MemoryLayout<xo_http_response>.size else {
                    return host.complete(op.id, .dataCorrupt, .init(start: nil, count: 0), isSecret: false)
                }
                let isKnown = host.end(op.id)
                host.channel.send(.respond) {
                    $0.write(op.id)
                    $0.write(response)
                }
                return isKnown ? .ok : .staleHandle
            })
        return ConstantTable(&table)
    }

    // MARK: Transport

    private static func transport(_ context: UnsafeMutableRawPointer) -> ConstantTable {
        var table = xo_transport_host(
            struct_size: UInt32(MemoryLayout<xo_transport_host>.size), reserved: 0, ctx: context,
            session_open: { context, peer, out in
                let host = RunnerHost.from(context)
                guard host.offers.transport, Int(peer.pointee.struct_size) >= MemoryLayout<xo_peer>.size,
                    peer.pointee.address.string != nil
                else { return .invalidArgument }
                guard host.isServing else { return .wrongState }
                guard let handle = host.newSession() else { return .resourceExhausted }
                out.pointee = xo_session(id: handle)
                host.channel.send(.sessionOpen) {
                    $0.write(handle)
                    $0.write(peer.pointee)
                }
                return .ok
            },
            session_close: { context, session in
                let host = RunnerHost.from(context)
                if host.closeSession(session.id) { host.channel.send(.sessionClose) { $0.write(session.id) } }
            },
            session_flow: { context, session, paused in
                let host = RunnerHost.from(context)
                guard host.hasSession(session.id) else { return }
                host.channel.send(.sessionFlow) {
                    $0.write(session.id)
                    $0.write(paused)
                }
            },
            dispatch: { context, session, messages, count, taken in
                let host = RunnerHost.from(context)
                let messages = UnsafeBufferPointer(start: messages, count: Int(count))
                guard messages.allSatisfy({ UnsafeRawBufferPointer(view: $0.payload.ptr, $0.payload.len) != nil })
                else { return .invalidArgument }
                guard let admitted = host.beginCalls(messages.count, of: session.id) else { return .staleHandle }
                taken.pointee = UInt32(admitted)
                if admitted > 0 {
                    host.channel.send(.dispatch) {
                        $0.write(session.id)
                        $0.write(UnsafeBufferPointer(rebasing: messages[..<admitted]))
                    }
                }
                return admitted == messages.count ? .accepted : .busy
            },
            http: { context, token, request in
                let host = RunnerHost.from(context)
                guard host.offers.transport, Int(request.pointee.struct_size) >= MemoryLayout<xo_http_request>.size,
                    let peer = request.pointee.peer, Int(peer.pointee.struct_size) >= MemoryLayout<xo_peer>.size
                else { return .invalidArgument }
                guard host.isServing else { return .wrongState }
                let isSent = host.channel.send(.http) {
                    $0.write(token)
                    $0.write(request)
                }
                return isSent ? .accepted : .resourceExhausted
            },
            announce: { context, urls in
                let host = RunnerHost.from(context)
                if host.isServing { host.channel.send(.announce) { $0.write(urls) } }
            },
            listen: { context, endpoint, token, out in
                let host = RunnerHost.from(context)
                let endpoint = endpoint.pointee
                guard host.offers.listening, Int(endpoint.struct_size) >= MemoryLayout<xo_endpoint>.size,
                    let address = endpoint.address.string, !address.isEmpty, endpoint.port <= UInt16.max
                else { return .invalidArgument }
                guard host.isServing else { return .wrongState }
                let handle = host.newListener(token: token)
                out.pointee = xo_listener(id: handle)
                host.channel.send(.listen) {
                    $0.write(handle)
                    $0.write(endpoint.address)
                    $0.write(endpoint.port)
                    $0.write(endpoint.backlog)
                }
                return .accepted
            },
            unlisten: { context, listener in
                let host = RunnerHost.from(context)
                if host.endListener(listener.id) { host.channel.send(.unlisten) { $0.write(listener.id) } }
            })
        return ConstantTable(&table)
    }

    // MARK: Store

    private static func store(_ context: UnsafeMutableRawPointer) -> ConstantTable {
        var table = xo_store_host(
            struct_size: UInt32(MemoryLayout<xo_store_host>.size), reserved: 0, ctx: context,
            get: { RunnerTables.accept(.storeGet, $0, $1, $2) },
            put: { context, key, value, flags, expected, token in
                guard let bytes = UnsafeRawBufferPointer(view: value.ptr, value.len), JSONText.isValid(bytes) else {
                    return .invalidArgument
                }
                return RunnerTables.accept(.storePut, context, key, token) {
                    $0.write(bytes)
                    $0.write(flags)
                    $0.write(expected)
                }
            },
            remove: { RunnerTables.accept(.storeRemove, $0, $1, $2) },
            list: { RunnerTables.accept(.storeList, $0, $1, $2) })
        return ConstantTable(&table)
    }

    private static func accept(
        _ function: HostFunction, _ context: UnsafeMutableRawPointer?, _ key: xo_str, _ token: UInt64,
        _ write: (inout WireWriter) -> Void = { _ in }
    ) -> xo_status {
        let host = RunnerHost.from(context)
        guard key.string != nil else { return .invalidArgument }
        guard host.offers.store else { return .wrongState }
        guard host.beginStoreWork() else { return .busy }
        // Values may be secret.
        let isSent = host.channel.send(function, isSecret: true) {
            $0.write(token)
            $0.write(key)
            write(&$0)
        }
        guard isSent else {
            host.endStoreWork()
            return .unavailable
        }
        return .accepted
    }

    // MARK: Metrics

    private static func metrics(_ context: UnsafeMutableRawPointer) -> ConstantTable {
        var table = xo_metrics_host(
            struct_size: UInt32(MemoryLayout<xo_metrics_host>.size), reserved: 0, ctx: context,
            define: { context, definition, out in
                let host = RunnerHost.from(context)
                guard Int(definition.pointee.struct_size) >= MemoryLayout<xo_metric_definition>.size,
                    let name = definition.pointee.name.string, let labels = definition.pointee.labels.string,
                    definition.pointee.bucket_count <= 64
                else { return .invalidArgument }
                guard host.mayDefineMetrics else { return .wrongState }
                let (handle, isNew) = host.metric("\(name) \(labels)")
                out.pointee = xo_metric(id: handle)
                guard isNew else { return .ok }
                let buckets = UnsafeBufferPointer(
                    start: definition.pointee.buckets, count: Int(definition.pointee.bucket_count))
                host.channel.send(.metricDefine) {
                    $0.write(handle)
                    $0.write(definition.pointee.kind)
                    $0.write(definition.pointee.name)
                    $0.write(definition.pointee.help)
                    $0.write(definition.pointee.labels)
                    $0.write(buckets) { $0.write($1) }
                }
                return .ok
            },
            add: { context, metric, amount in RunnerHost.from(context).metricUpdates.add(amount, to: metric.id) },
            set: { context, metric, value in RunnerHost.from(context).metricUpdates.set(value, of: metric.id) },
            observe: { context, metric, value in RunnerHost.from(context).metricUpdates.observe(value, of: metric.id) })
        return ConstantTable(&table)
    }

    // MARK: Auth

    private static func auth(_ context: UnsafeMutableRawPointer) -> ConstantTable {
        var table = xo_auth_host(
            struct_size: UInt32(MemoryLayout<xo_auth_host>.size), reserved: 0, ctx: context,
            offer: { RunnerTables.tellAuth(.authOffer, $0, $1) }, revoke: { RunnerTables.tellAuth(.authRevoke, $0, $1) }
        )
        return ConstantTable(&table)
    }

    private static func tellAuth(
        _ function: HostFunction, _ context: UnsafeMutableRawPointer?, _ text: xo_bytes
    ) -> xo_status {
        let host = RunnerHost.from(context)
        guard let bytes = UnsafeRawBufferPointer(view: text.ptr, text.len), bytes.first == UInt8(ascii: "{"),
            JSONText.isValid(bytes), host.offers.auth
        else { return .invalidArgument }
        guard host.isServing else { return .wrongState }
        return host.channel.send(function) { $0.write(bytes) } ? .ok : .resourceExhausted
    }
}

extension RunnerHost {
    /// The host that a table was made for; it lives as long as the process.
    fileprivate static func from(_ context: UnsafeMutableRawPointer?) -> RunnerHost {
        guard let context else { preconditionFailure("a host function was called without the table's ctx") }
        return Unmanaged<RunnerHost>.fromOpaque(context).takeUnretainedValue()
    }

    func logError(_ message: String, reason: String) {
        let fields = JSON.object(["reason": .string(reason)]).serialized()
        channel.send(.log) {
            $0.write(Int32(XO_LOG_ERROR))
            $0.write(view: message)
            $0.write(fields)
        }
    }

    /// Made on first demand.
    fileprivate var extensions: [String: ConstantTable] {
        enum Cache { static let tables = Mutex<[String: ConstantTable]>([:]) }
        return Cache.tables.withLock { tables in
            if tables.isEmpty { tables = RunnerTables.extensions(Unmanaged.passUnretained(self).toOpaque()) }
            return tables
        }
    }
}
