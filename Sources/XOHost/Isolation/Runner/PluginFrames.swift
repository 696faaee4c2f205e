import CXOPlugin
import Glibc
import Synchronization
import XOProtocol

/// Calls the plugin of a runner as the host asks: each function in the lane that the contract has for it.
final class PluginFrames: Sendable {
    private let tables: PluginTables
    private let host: RunnerHost
    private let isConcurrent: Bool
    private let lane: Lane
    /// For what is [lane*], but in order for each session.
    private let transportLane: Lane
    private let pool: WorkerPool
    private let visitors = Locked(Visitors())

    private struct Visitors {
        /// Callbacks that have not returned, before which `destroy` must not be called.
        var count = 0
        /// Operations whose function has not returned.
        var inside: Set<UInt64> = []
        /// Those of which the host wants to know when it has.
        var probed: Set<UInt64> = []
    }

    init(tables: PluginTables, host: RunnerHost, isConcurrent: Bool, lane: Lane, pool: WorkerPool) {
        self.tables = tables
        self.host = host
        self.isConcurrent = isConcurrent
        self.lane = lane
        self.pool = pool
        transportLane = isConcurrent ? pool.makeLane() : lane
    }

    /// Which tables and functions the plugin has for what the host may answer.
    struct Offers {
        var calls = false
        var http = false
        var events = false
        var transport = false
        var listening = false
        var store = false
        var auth = false
    }

    var offers: Offers {
        Offers(
            calls: tables.onReply != nil, http: tables.onRequest != nil, events: tables.events != nil,
            transport: tables.transport != nil, listening: tables.transport?.onListening != nil,
            store: tables.onStore != nil, auth: tables.auth != nil)
    }

    func handle(_ function: PluginFunction, _ payload: FrameBytes) throws(MalformedFrame) {
        switch function {
        case .configure, .start, .stop, .onRequest, .invoke: try handleOperation(function, payload)
        case .authenticate, .authBegin, .authFinish, .authLookup, .authEnd, .authPage:
            try handleQuestion(function, payload)
        case .cancel:
            let op = try PluginFrames.first(of: payload)
            host.cancel(op)
            run(in: lane, payload) { [tables] _ in tables.cancel?(tables.data, xo_op(id: op)) }
        case .onReply, .onStore: try handleOutcome(function, payload)
        case .onEvent, .onGap, .onUnsubscribed: try handleEvent(function, payload)
        case .onAnswers, .deliver, .kick, .onHTTPResponse: try handleTransport(function, payload)
        case .onListening: try handleListening(payload)
        case .destroy: destroy()
        case .probe: probe(try PluginFrames.first(of: payload))
        case .begin, .create, .logLevel: throw MalformedFrame()
        }
    }

    // MARK: Lanes

    /// Does `body` in `lane`, or wherever there is room, with a reader of the payload.
    ///
    /// - Parameter op: the operation that it is about to hand over.
    private func run(
        in lane: Lane?, _ payload: FrameBytes, for op: UInt64? = nil,
        _ body: @escaping @Sendable (inout WireReader) throws(MalformedFrame) -> Void
    ) {
        visitors.withLock { visitors in
            visitors.count += 1
            if let op { visitors.inside.insert(op) }
        }
        (lane ?? pool.makeLane()).run { [self] in
            do throws(MalformedFrame) {
                try payload.read(body)
            } catch {
                // The host is another version, or out of its mind.
                abort()
            }
            let isProbed = visitors.withLock { visitors in
                visitors.count -= 1
                guard let op else { return false }
                visitors.inside.remove(op)
                return visitors.probed.remove(op) != nil
            }
            visitors.signal()
            if isProbed, let op { host.channel.send(.returned) { $0.write(op) } }
        }
    }

    /// Says that a function has returned, now or when it does. A lane that is stuck does not come to it.
    private func probe(_ op: UInt64) {
        lane.run { [self] in
            let isInside = visitors.withLock { visitors in
                guard visitors.inside.contains(op) else { return false }
                visitors.probed.insert(op)
                return true
            }
            if !isInside { host.channel.send(.returned) { $0.write(op) } }
        }
    }

    private static func first(of payload: FrameBytes) throws(MalformedFrame) -> UInt64 {
        var first: UInt64 = 0
        try payload.read { (reader) throws(MalformedFrame) in first = try reader.number() }
        return first
    }

    private func destroy() {
        lane.run { [self] in
            // This is the lane; what is still inside came beside it.
            visitors.wait { $0.count == 0 ? .found(()) : .wait(until: nil) }
            tables.destroy(tables.data)
            host.metricUpdates.flush()
            // Not `exit`: what threads of the plugin are at would be torn down under them.
            fflush(nil)
            _exit(EXIT_SUCCESS)
        }
    }

    // MARK: Operations

    private func handleOperation(_ function: PluginFunction, _ payload: FrameBytes) throws(MalformedFrame) {
        let op = xo_op(id: try PluginFrames.first(of: payload))
        let tables = tables
        switch function {
        case .configure:
            host.begin(op.id)
            run(in: lane, payload, for: op.id) { [self] (reader) throws(MalformedFrame) in
                _ = try reader.number(UInt64.self)
                finish(op, tables.configure?(tables.data, op, try reader.view()) ?? .unsupported)
            }
        case .start:
            host.beginStart(op.id)
            run(in: lane, payload, for: op.id) { [self] _ in finish(op, tables.start(tables.data, op)) }
        case .stop:
            host.beginStop(op.id)
            run(in: lane, payload, for: op.id) { [self] _ in finish(op, tables.stop(tables.data, op)) }
        case .onRequest:
            host.begin(op.id)
            run(in: isConcurrent ? nil : lane, payload, for: op.id) { [self] (reader) throws(MalformedFrame) in
                _ = try reader.number(UInt64.self)
                let token: UInt64 = try reader.number()
                try reader.request { finish(op, tables.onRequest?(tables.data, op, token, $0) ?? .unsupported) }
            }
        default:
            host.begin(op.id, deadline: try PluginFrames.deadline(of: payload))
            run(in: isConcurrent ? nil : lane, payload, for: op.id) { [self] (reader) throws(MalformedFrame) in
                let (method, call) = try PluginFrames.call(&reader)
                var view = call
                finish(op, tables.methods?.invoke(tables.data, op, method, &view) ?? .unsupported)
            }
        }
    }

    /// A question to a provider.
    private func handleQuestion(_ function: PluginFunction, _ payload: FrameBytes) throws(MalformedFrame) {
        let op = xo_op(id: try PluginFrames.first(of: payload))
        host.begin(op.id)
        run(in: isConcurrent ? nil : lane, payload, for: op.id) { [self] (reader) throws(MalformedFrame) in
            let (data, auth) = (tables.data, tables.auth)
            _ = try reader.number(UInt64.self)
            let ask: PluginTables.Auth.Ask?
            switch function {
            case .authenticate:
                var credentials = xo_credentials(
                    struct_size: UInt32(MemoryLayout<xo_credentials>.size), kind: try reader.number(),
                    name: try reader.text(), secret: try reader.view(), address: try reader.text())
                return finish(op, auth?.authenticate?(data, op, &credentials) ?? .unsupported)
            case .authBegin: ask = auth?.begin
            case .authFinish: ask = auth?.finish
            case .authLookup: ask = auth?.lookup
            case .authEnd: ask = auth?.end
            default: ask = auth?.page
            }
            finish(op, ask?(data, op, try reader.view()) ?? .unsupported)
        }
    }

    private static func call(_ reader: inout WireReader) throws(MalformedFrame) -> (method: UInt32, xo_call) {
        _ = try reader.number(UInt64.self)
        let method: UInt32 = try reader.number()
        let call = xo_call(
            struct_size: UInt32(MemoryLayout<xo_call>.size), flags: try reader.number(), params: try reader.view(),
            caller: try reader.view(), objects: try reader.view(), deadline_ns: try reader.number(),
            trace_high: try reader.number(), trace_low: try reader.number())
        return (method, call)
    }

    private static func deadline(of payload: FrameBytes) throws(MalformedFrame) -> UInt64 {
        var deadline: UInt64 = 0
        try payload.read { (reader) throws(MalformedFrame) in deadline = try call(&reader).1.deadline_ns }
        return deadline
    }

    /// A function that does not say that the outcome follows has given it.
    private func finish(_ op: xo_op, _ status: xo_status) {
        guard status != .accepted else { return }
        _ = host.complete(op.id, status, .init(start: nil, count: 0), isSecret: false)
    }

    // MARK: Outcomes and events

    private func handleOutcome(_ function: PluginFunction, _ payload: FrameBytes) throws(MalformedFrame) {
        if function == .onReply {
            guard let token = host.endCall(try PluginFrames.first(of: payload)) else { return }
            run(in: lane, payload) { [tables] (reader) throws(MalformedFrame) in
                _ = try reader.number(UInt64.self)
                let status: xo_status = try reader.number()
                tables.onReply?(tables.data, token, status, try reader.view())
            }
        } else {
            host.endStoreWork()
            run(in: isConcurrent ? nil : lane, payload) { [tables] (reader) throws(MalformedFrame) in
                let token: UInt64 = try reader.number()
                let status: xo_status = try reader.number()
                let revision: UInt64 = try reader.number()
                tables.onStore?(tables.data, token, status, revision, try reader.view())
            }
        }
    }

    private func handleEvent(_ function: PluginFunction, _ payload: FrameBytes) throws(MalformedFrame) {
        let handle = try PluginFrames.first(of: payload)
        let known = function == .onUnsubscribed ? host.endSubscription(handle) : host.subscription(handle)
        guard let token = known else { return }
        run(in: lane, payload) { [tables] (reader) throws(MalformedFrame) in
            _ = try reader.number(UInt64.self)
            let subscription = xo_sub(id: handle)
            switch function {
            case .onEvent:
                let topic = try reader.text()
                tables.events?.onEvent(tables.data, subscription, token, topic, try reader.view())
            case .onGap: tables.events?.onGap?(tables.data, subscription, token, try reader.number())
            default: tables.events?.onUnsubscribed?(tables.data, subscription, token, try reader.number())
            }
        }
    }

    // MARK: Transport

    private func handleTransport(_ function: PluginFunction, _ payload: FrameBytes) throws(MalformedFrame) {
        run(in: transportLane, payload) { [tables, host] (reader) throws(MalformedFrame) in
            guard let transport = tables.transport else { return }
            switch function {
            case .onAnswers:
                let session = xo_session(id: try reader.number())
                let answers = try reader.messages()
                guard !answers.isEmpty, host.endCalls(answers.count, of: session.id) else { return }
                transport.onAnswers(tables.data, session, answers, UInt32(answers.count))
            case .deliver:
                let sessions = try reader.list(minimum: 8) { (reader) throws(MalformedFrame) in
                    xo_session(id: try reader.number())
                }
                transport.deliver(tables.data, sessions, UInt32(sessions.count), try reader.view())
                // Behind what the transport may have said of them meanwhile.
                host.channel.send(.delivered) { $0.write(sessions) { $0.write($1.id) } }
            case .kick:
                let session = xo_session(id: try reader.number())
                transport.kick(tables.data, session, try reader.text())
            default:
                let token: UInt64 = try reader.number()
                try reader.response { transport.onHTTPResponse(tables.data, token, $0) }
            }
        }
    }

    private func handleListening(_ payload: FrameBytes) throws(MalformedFrame) {
        let handle = try PluginFrames.first(of: payload)
        guard let token = host.listener(handle) else { return }
        run(in: transportLane, payload) { [tables, host] (reader) throws(MalformedFrame) in
            _ = try reader.number(UInt64.self)
            let status: xo_status = try reader.number()
            if status < 0 { _ = host.endListener(handle) }
            let detail = try reader.text()
            let descriptor = payload.descriptor?.take()?.take()
            guard (descriptor != nil) == (status >= 0) else { throw MalformedFrame() }
            tables.transport?.onListening?(
                tables.data, xo_listener(id: handle), token, status, descriptor ?? -1, detail)
        }
    }
}
