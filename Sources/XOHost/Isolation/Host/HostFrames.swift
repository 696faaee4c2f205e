import CXOPlugin
import XOJSON
import XOProtocol

/// Carries out what a runner's plugin asks of the host: calls the very tables that a plugin inside would call.
///
/// What cannot be done is told in the way that the contract has for it, or in the log: the caller has gone on long ago.
/// Where a function returns a handle, the runner has made its own number for it; here it is paired with the host's.
final class HostFrames: @unchecked Sendable {
    // Unchecked: made by one thread, then used by the one that receives; what others use is constant.

    private let host: UnsafePointer<xo_host>
    private let plugin: RemotePlugin
    // The host's own tables are as long as their types say.
    private let calls: UnsafePointer<xo_calls_host>
    private let objects: UnsafePointer<xo_objects_host>
    private let events: UnsafePointer<xo_events_host>
    private let http: UnsafePointer<xo_http_host>
    private let transport: UnsafePointer<xo_transport_host>
    private let store: UnsafePointer<xo_store_host>
    private let metrics: UnsafePointer<xo_metrics_host>
    private let auth: UnsafePointer<xo_auth_host>

    private var sources: [UInt64: xo_source] = [:]
    private var subscriptions: [UInt64: xo_sub] = [:]
    private var routes: [UInt64: xo_route] = [:]
    private var listeners: [UInt64: xo_listener] = [:]
    private var series: [UInt64: xo_metric] = [:]

    /// `nil` if the host lacks a table, which it does not.
    init?(host: UnsafePointer<xo_host>, plugin: RemotePlugin) {
        func table<T>(_ id: String) -> UnsafePointer<T>? {
            id.withView { host.pointee.get_extension?(host.pointee.ctx, $0) }?.assumingMemoryBound(to: T.self)
        }
        guard let calls: UnsafePointer<xo_calls_host> = table(XO_CALLS_1),
            let objects: UnsafePointer<xo_objects_host> = table(XO_OBJECTS_1),
            let events: UnsafePointer<xo_events_host> = table(XO_EVENTS_1),
            let http: UnsafePointer<xo_http_host> = table(XO_HTTP_1),
            let transport: UnsafePointer<xo_transport_host> = table(XO_TRANSPORT_1),
            let store: UnsafePointer<xo_store_host> = table(XO_STORE_1),
            let metrics: UnsafePointer<xo_metrics_host> = table(XO_METRICS_1),
            let auth: UnsafePointer<xo_auth_host> = table(XO_AUTH_1)
        else { return nil }
        self.host = host
        self.plugin = plugin
        (self.calls, self.objects, self.events, self.http) = (calls, objects, events, http)
        (self.transport, self.store, self.metrics, self.auth) = (transport, store, metrics, auth)
    }

    func handle(_ function: HostFunction, _ reader: inout WireReader) throws(MalformedFrame) {
        switch function {
        case .log, .complete: try handleCore(function, &reader)
        case .call, .cancelCall: try handleCalls(function, &reader)
        case .sourceOpen, .snapshotBegin, .snapshotEnd, .put, .remove, .sourceStatus, .sourceClose:
            try handleObjects(function, &reader)
        case .subscribe, .grant, .unsubscribe, .publish: try handleEvents(function, &reader)
        case .routeAdd, .routeRemove, .respond: try handleHTTP(function, &reader)
        case .sessionOpen, .sessionClose, .sessionFlow, .delivered, .dispatch, .http, .announce, .listen,
            .unlisten:
            try handleTransport(function, &reader)
        case .storeGet, .storePut, .storeRemove, .storeList: try handleStore(function, &reader)
        case .metricDefine, .metricAdd, .metricSet, .metricObserve: try handleMetrics(function, &reader)
        case .authOffer: note(auth.pointee.offer?(auth.pointee.ctx, try reader.view()) ?? .unsupported, "be a provider")
        case .authRevoke: note(auth.pointee.revoke?(auth.pointee.ctx, try reader.view()) ?? .unsupported, "revoke")
        case .loaded, .created, .failed, .returned: throw MalformedFrame()
        }
        try reader.expectEnd()
    }

    /// Tells the administrator what the plugin was not told.
    private func note(_ status: xo_status, _ action: String) {
        guard status < 0, status != .staleHandle, status != .wrongState else { return }
        "could not \(action): \(StatusText.of(status))".withView { message in
            var record = xo_log_record(
                struct_size: UInt32(MemoryLayout<xo_log_record>.size), level: Int32(XO_LOG_ERROR), message: message,
                fields: xo_str())
            host.pointee.log?(host.pointee.ctx, &record)
        }
    }

    // MARK: Core

    private func handleCore(_ function: HostFunction, _ reader: inout WireReader) throws(MalformedFrame) {
        let context = host.pointee.ctx
        if function == .log {
            var record = xo_log_record(
                struct_size: UInt32(MemoryLayout<xo_log_record>.size), level: try reader.number(),
                message: try reader.text(), fields: try reader.text())
            host.pointee.log?(context, &record)
        } else {
            let op = xo_op(id: try reader.number())
            let status: xo_status = try reader.number()
            let isLie = try reader.number(UInt8.self) != 0
            let view = try reader.view()
            let payload = isLie ? xo_bytes(ptr: nil, len: .max) : view
            // It stays in the frame, which wipes it if it is secret.
            _ = host.pointee.complete?(
                context, op, status,
                xo_buf(ptr: payload.ptr, len: payload.len, owner: nil, release: nil, flags: 0, reserved: 0))
        }
    }

    // MARK: Calls

    private func handleCalls(_ function: HostFunction, _ reader: inout WireReader) throws(MalformedFrame) {
        let local: UInt64 = try reader.number()
        guard function == .call else {
            if let op = plugin.calls[local], op != 0 { calls.pointee.cancel?(calls.pointee.ctx, xo_op(id: op)) }
            return
        }
        let method = try reader.text()
        let params = try reader.view()
        var options = xo_call_options()
        options.struct_size = UInt32(MemoryLayout<xo_call_options>.size)
        options.on_behalf_of = xo_op(id: try reader.number())
        options.deadline_ns = try reader.number()
        // The answer may come before the function has returned.
        plugin.calls.set(local, 0)
        var op = xo_op()
        let status = calls.pointee.call?(calls.pointee.ctx, method, params, &options, local, &op) ?? .unsupported
        if status >= 0 {
            plugin.calls.replace(local, op.id)
            return
        }
        plugin.calls.remove(local)
        plugin.tell(.onReply) {
            $0.write(local)
            $0.write(status)
            $0.write(MethodError.failed(StatusText.of(status)).json.serialized())
        }
    }

    // MARK: Objects

    private func handleObjects(_ function: HostFunction, _ reader: inout WireReader) throws(MalformedFrame) {
        let context = objects.pointee.ctx
        let local: UInt64 = try reader.number()
        if function == .sourceOpen {
            var source = xo_source()
            let status = objects.pointee.source_open?(context, try reader.text(), &source) ?? .unsupported
            note(status, "open a source of objects")
            if status >= 0 { sources[local] = source }
            return
        }
        // What was refused is a number that never was.
        let source = sources[local] ?? xo_source()
        switch function {
        case .snapshotBegin: note(objects.pointee.snapshot_begin?(context, source) ?? .unsupported, "begin a snapshot")
        case .snapshotEnd: note(objects.pointee.snapshot_end?(context, source) ?? .unsupported, "end a snapshot")
        case .put:
            let batch = try reader.list(minimum: 40) { (reader) throws(MalformedFrame) in
                xo_object(
                    id: try reader.text(), type: try reader.text(), pool: try reader.text(), ref: try reader.text(),
                    record: try reader.view())
            }
            // A malformed object is in the log already.
            _ = objects.pointee.put?(
                context, source, batch, UInt32(batch.count), UInt32(MemoryLayout<xo_object>.stride))
        case .remove:
            let ids = try reader.list(minimum: 8) { (reader) throws(MalformedFrame) in try reader.text() }
            _ = objects.pointee.remove?(context, source, ids, UInt32(ids.count), UInt32(MemoryLayout<xo_str>.stride))
        case .sourceStatus:
            let state: UInt32 = try reader.number()
            _ = objects.pointee.source_status?(context, source, state, try reader.text())
        default:
            _ = objects.pointee.source_close?(context, source)
            sources[local] = nil
        }
    }

    // MARK: Events

    private func handleEvents(_ function: HostFunction, _ reader: inout WireReader) throws(MalformedFrame) {
        let context = events.pointee.ctx
        switch function {
        case .subscribe:
            let local: UInt64 = try reader.number()
            var subscription = xo_sub()
            let status =
                events.pointee.subscribe?(context, try reader.text(), try reader.number(), local, &subscription)
                ?? .unsupported
            if status >= 0 {
                subscriptions[local] = subscription
            } else {
                plugin.tell(.onUnsubscribed) {
                    $0.write(local)
                    $0.write(status)
                }
            }
        case .grant:
            let subscription = subscriptions[try reader.number()] ?? xo_sub()
            events.pointee.grant?(context, subscription, try reader.number())
        case .unsubscribe:
            events.pointee.unsubscribe?(context, subscriptions.removeValue(forKey: try reader.number()) ?? xo_sub())
        default:
            let topic = try reader.text()
            note(events.pointee.publish?(context, topic, try reader.view()) ?? .unsupported, "publish an event")
        }
    }

    // MARK: HTTP

    private func handleHTTP(_ function: HostFunction, _ reader: inout WireReader) throws(MalformedFrame) {
        let context = http.pointee.ctx
        switch function {
        case .routeAdd:
            let local: UInt64 = try reader.number()
            let (method, path) = (try reader.text(), try reader.text())
            var route = xo_route()
            // Why one is refused is in the log already.
            let status = http.pointee.route_add?(context, method, path, try reader.number(), &route) ?? .unsupported
            if status >= 0 { routes[local] = route }
        case .routeRemove:
            if let route = routes.removeValue(forKey: try reader.number()) {
                http.pointee.route_remove?(context, route)
            }
        default:
            let op = xo_op(id: try reader.number())
            try reader.response { _ = http.pointee.respond?(context, op, $0) }
        }
    }

    // MARK: Transport

    private func handleTransport(_ function: HostFunction, _ reader: inout WireReader) throws(MalformedFrame) {
        let context = transport.pointee.ctx
        switch function {
        case .sessionOpen:
            let local: UInt64 = try reader.number()
            var peer = try reader.peer()
            var session = xo_session()
            let status = transport.pointee.session_open?(context, &peer, &session) ?? .unsupported
            if status >= 0 {
                plugin.sessions.add(local: local, host: session.id)
            } else {
                plugin.tell(.kick) {
                    $0.write(local)
                    $0.write(view: "there are too many connections; try again later")
                }
            }
        case .sessionClose:
            if let session = plugin.sessions.remove(local: try reader.number()) {
                transport.pointee.session_close?(context, xo_session(id: session))
            }
        case .sessionFlow:
            let local: UInt64 = try reader.number()
            let isSlow = try reader.number(UInt32.self) != 0
            if let session = plugin.sessions.setSlow(local, isSlow) { setPaused(session, isSlow) }
        case .delivered:
            let locals = try reader.list(minimum: 8) { (reader) throws(MalformedFrame) in try reader.number(UInt64.self)
            }
            for session in plugin.sessions.endDelivery(to: locals) { setPaused(session, false) }
        case .dispatch:
            let session = plugin.sessions.host(try reader.number())
            let messages = try reader.messages()
            guard let session, !messages.isEmpty else { return }
            var taken: UInt32 = 0
            let status = transport.pointee.dispatch?(
                context, xo_session(id: session), messages, UInt32(messages.count), &taken)
            // The runner counts as the host does; one that does not loses its client.
            if status == .busy { transport.pointee.session_close?(context, xo_session(id: session)) }
        case .http:
            let token: UInt64 = try reader.number()
            try reader.request { request in
                let status = transport.pointee.http?(context, token, request) ?? .unsupported
                guard status < 0 else { return }
                plugin.tell(.onHTTPResponse) { writer in
                    writer.write(token)
                    OutgoingResponse.text("the host does not serve at the moment\n", status: 503).withView {
                        writer.write($0)
                    }
                }
            }
        case .listen:
            let local: UInt64 = try reader.number()
            var endpoint = xo_endpoint()
            endpoint.struct_size = UInt32(MemoryLayout<xo_endpoint>.size)
            endpoint.address = try reader.text()
            endpoint.port = try reader.number()
            endpoint.backlog = try reader.number()
            var listener = xo_listener()
            let status = transport.pointee.listen?(context, &endpoint, local, &listener) ?? .unsupported
            if status >= 0 {
                listeners[local] = listener
            } else {
                plugin.tellListening(local, status, nil, StatusText.of(status))
            }
        case .unlisten:
            if let listener = listeners.removeValue(forKey: try reader.number()) {
                transport.pointee.unlisten?(context, listener)
            }
        default: transport.pointee.announce?(context, try reader.text())
        }
    }

    /// Holds notifications for a session back, or lets them go. Any thread.
    func setPaused(_ session: UInt64, _ isPaused: Bool) {
        transport.pointee.session_flow?(transport.pointee.ctx, xo_session(id: session), isPaused ? 1 : 0)
    }

    // MARK: Store

    private func handleStore(_ function: HostFunction, _ reader: inout WireReader) throws(MalformedFrame) {
        let context = store.pointee.ctx
        let token: UInt64 = try reader.number()
        let key = try reader.text()
        let status: xo_status?
        switch function {
        case .storeGet: status = store.pointee.get?(context, key, token)
        case .storeRemove: status = store.pointee.remove?(context, key, token)
        case .storeList: status = store.pointee.list?(context, key, token)
        default:
            let value = try reader.view()
            let flags: UInt32 = try reader.number()
            status = store.pointee.put?(context, key, value, flags, try reader.number(), token)
        }
        guard let status, status < 0 else { return }
        plugin.tell(.onStore) {
            $0.write(token)
            $0.write(status)
            $0.write(UInt64(0))
            $0.write(xo_bytes())
        }
    }

    // MARK: Metrics

    private func handleMetrics(_ function: HostFunction, _ reader: inout WireReader) throws(MalformedFrame) {
        let context = metrics.pointee.ctx
        let local: UInt64 = try reader.number()
        guard function == .metricDefine else {
            let metric = series[local] ?? xo_metric()
            let value = try reader.double()
            switch function {
            case .metricAdd: metrics.pointee.add?(context, metric, value)
            case .metricSet: metrics.pointee.set?(context, metric, value)
            default: metrics.pointee.observe?(context, metric, value)
            }
            return
        }
        var definition = xo_metric_definition()
        definition.struct_size = UInt32(MemoryLayout<xo_metric_definition>.size)
        definition.kind = try reader.number()
        definition.name = try reader.text()
        definition.help = try reader.text()
        definition.labels = try reader.text()
        let buckets = try reader.list(minimum: 8) { (reader) throws(MalformedFrame) in try reader.double() }
        buckets.withUnsafeBufferPointer { buckets in
            definition.buckets = buckets.baseAddress
            definition.bucket_count = UInt32(buckets.count)
            var metric = xo_metric()
            // Why one is refused is in the log already.
            if (metrics.pointee.define?(context, &definition, &metric) ?? .unsupported) >= 0 { series[local] = metric }
        }
    }
}
