import CXOPlugin
import Glibc
import XOProtocol

/// A socket that a transport has asked for.
struct Listener: Sendable {
    let handle: xo_listener
    let token: UInt64
    let answer: TransportPlan.ListenAnswer
    /// What it has got; `nil`: no socket, or none yet.
    var socket: LentSocket?
}

/// Sockets for a transport: whatever address it asks for, it gets a free port of the loopback interface, so that tests
/// stand in nobody's way.
extension CheckedHost {
    typealias Listen =
        @Sendable @convention(c) (
            UnsafeMutableRawPointer?, UnsafePointer<xo_endpoint>, UInt64, UnsafeMutablePointer<xo_listener>
        ) -> xo_status
    typealias Unlisten = @Sendable @convention(c) (UnsafeMutableRawPointer?, xo_listener) -> Void

    static let listen: Listen = { context, endpoint, token, out in
        CheckedHost.serve(context, .transport, "xo_transport_host.listen") { host in
            try CheckedHost.check(endpoint.pointee)
            guard host.tables.withLock({ $0?.onListening }) != nil else {
                throw BadArgument("an endpoint, but has no on_listening to be told of the socket")
            }
            let handle = xo_listener(id: host.handles.make(.listener))
            let listener = host.listeners.withLock { listeners in
                let answers = host.plan.transport.listening
                let listener = Listener(
                    handle: handle, token: token, answer: answers[min(listeners.count, answers.count - 1)])
                listeners[handle.id] = listener
                return listener
            }
            out.pointee = handle
            if case .late = listener.answer { return .accepted }
            host.callBack("on_listening") { host.answer(listener, $0) }
            return .accepted
        }
    }

    static let unlisten: Unlisten = { context, listener in
        CheckedHost.serve(context, .transport, "xo_transport_host.unlisten", .always) {
            _ = try $0.check(listener.id, .listener)
            $0.handles.close(listener.id)
        }
    }

    private static func check(_ endpoint: xo_endpoint) throws {
        try BadArgument.checkSize(endpoint.struct_size, of: xo_endpoint.self, "endpoint")
        guard try !endpoint.address.checked("address").isEmpty else {
            throw BadArgument("an endpoint whose `address` is empty")
        }
        guard endpoint.port <= UInt16.max else {
            throw BadArgument("an endpoint whose `port` is \(endpoint.port), expected 0 to 65535")
        }
    }

    /// Those that have waited for the test, without the ones that were answered meanwhile.
    var lateListeners: [Listener] {
        listeners.withLock { listeners in
            listeners.values.filter { listener in
                if case .late = listener.answer { listener.socket == nil } else { false }
            }.sorted { $0.handle.id < $1.handle.id }
        }
    }

    /// The sockets that a transport has got, in the order in which it asked.
    var lentSockets: [LentSocket] {
        listeners.withLock { $0.values.sorted { $0.handle.id < $1.handle.id }.compactMap(\.socket) }
    }

    /// Tells a transport what has become of its wish. In the lane.
    func answer(_ listener: Listener, _ tables: PluginTables) {
        var (status, detail, socket): (xo_status, TransportPlan.ListenAnswer.View, LentSocket?) = (.ok, .bytes([]), nil)
        switch listener.answer {
        case .refusal(let refusal, let reason): (status, detail) = (refusal, reason)
        case .socket, .late:
            socket = LentSocket()
            if socket == nil { (status, detail) = (.resourceExhausted, .bytes(Array("no socket can be had".utf8))) }
            listeners.withLock { $0[listener.handle.id]?.socket = socket }
        }
        lend { loan in
            let view =
                switch detail {
                case .bytes(let bytes): loan.bytes(bytes)
                case .lie(let length): xo_bytes(ptr: nil, len: length)
                }
            let text = xo_str(
                ptr: view.ptr.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }, len: view.len)
            tables.onListening?(tables.data, listener.handle, listener.token, status, socket?.descriptor ?? -1, text)
        }
    }
}
