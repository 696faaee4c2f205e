import CXOPlugin
import XOProtocol

/// xo.transport/1: transports bring sessions and requests in.
enum TransportTable {
    static func make(_ context: UnsafeMutableRawPointer) -> xo_transport_host {
        xo_transport_host(
            struct_size: UInt32(MemoryLayout<xo_transport_host>.size), reserved: 0, ctx: context,
            session_open: { context, peer, out in
                guard let life = Incarnation.from(context), life.tables?.transport != nil,
                    Int(peer.pointee.struct_size) >= MemoryLayout<xo_peer>.size,
                    let address = peer.pointee.address.string
                else { return .invalidArgument }
                guard life.isServing else { return .wrongState }
                let isLoopback = peer.pointee.flags & UInt32(XO_PEER_LOOPBACK) != 0
                guard
                    let session = life.owner.services.sessions.open(
                        on: life, address: address, isLoopback: isLoopback)
                else { return .resourceExhausted }
                out.pointee = xo_session(id: session.handle)
                return .ok
            },
            session_close: { context, session in
                guard let (session, services) = TransportTable.session(session, of: context) else { return }
                services.dispatcher.closeSession(session.handle)
            },
            session_flow: { context, session, paused in
                guard let (session, services) = TransportTable.session(session, of: context),
                    session.setPaused(paused != 0)
                else { return }
                if paused != 0 { session.hold() } else { services.broadcaster.release(session) }
            },
            dispatch: { context, handle, messages, count, taken in
                let messages = UnsafeBufferPointer(start: messages, count: Int(count))
                guard messages.allSatisfy({ UnsafeRawBufferPointer(view: $0.payload.ptr, $0.payload.len) != nil })
                else { return .invalidArgument }
                guard let (session, _) = TransportTable.session(handle, of: context) else { return .staleHandle }
                let received = session.receive(messages)
                taken.pointee = UInt32(received)
                return received == messages.count ? .accepted : .busy
            },
            http: { context, token, request in
                guard let life = Incarnation.from(context), life.tables?.transport != nil,
                    let request = IncomingRequest(request)
                else { return .invalidArgument }
                guard life.isServing else { return .wrongState }
                life.owner.services.web.handle(request) { response in
                    life.call { tables in
                        response.withView { tables.transport?.onHTTPResponse(tables.data, token, $0) }
                    }
                }
                return .accepted
            },
            announce: { context, urls in
                guard let life = Incarnation.from(context), life.isServing, let urls = urls.string else { return }
                let instance = life.owner
                instance.services.addresses.withLock {
                    $0[instance.id] = urls.split(separator: " ").map(String.init)
                }
            },
            listen: { context, endpoint, token, out in
                guard let life = Incarnation.from(context), life.tables?.transport?.onListening != nil,
                    Int(endpoint.pointee.struct_size) >= MemoryLayout<xo_endpoint>.size,
                    let address = endpoint.pointee.address.string, !address.isEmpty,
                    let port = UInt16(exactly: endpoint.pointee.port)
                else { return .invalidArgument }
                guard life.isServing else { return .wrongState }
                let services = life.owner.services
                guard
                    let listener = services.listeners.listener(
                        at: ListenEndpoint(address: address, port: port), backlog: endpoint.pointee.backlog, for: life)
                else { return .resourceExhausted }
                out.pointee = xo_listener(id: listener.handle)
                // Looking up a name may take its time.
                services.backgroundPool.makeLane().run { TransportTable.open(listener, for: life, token: token) }
                return .accepted
            },
            unlisten: { context, listener in
                guard let life = Incarnation.from(context) else { return }
                life.owner.services.listeners.close(listener.id, of: life)
            })
    }

    private static func open(_ listener: Listener, for life: Incarnation, token: UInt64) {
        let handle = xo_listener(id: listener.handle)
        do throws(ListenError) {
            // Whoever does not get it closes it.
            let descriptor = DescriptorInTransit(try listener.lend())
            life.call { tables in
                guard let onListening = tables.transport?.onListening,
                    let number = descriptor.take()?.take()
                else { return }
                onListening(tables.data, handle, token, .ok, number, xo_str())
            }
        } catch {
            life.owner.services.listeners.close(listener.handle, of: life)
            life.call { tables in
                error.description.withView {
                    tables.transport?.onListening?(tables.data, handle, token, error.status, -1, $0)
                }
            }
        }
    }

    /// A session that this transport has opened, and the host's services.
    private static func session(
        _ handle: xo_session, of context: UnsafeMutableRawPointer?
    ) -> (Session, Services)? {
        guard let life = Incarnation.from(context), let session = life.owner.services.sessions[handle.id],
            session.transport === life
        else { return nil }
        return (session, life.owner.services)
    }
}
