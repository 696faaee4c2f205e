import CXOPlugin
import XOProtocol

/// Names one connection of a client.
public struct SessionID: Hashable, Sendable {
    public let id: UInt64

    init(_ session: xo_session) { id = session.id }
    var handle: xo_session { xo_session(id: id) }
}

/// Receives what the host has for the sessions of a transport.
///
/// Called on threads of the host, several at once; notifications for one session come in order. Must not block. The
/// payloads are lent for the duration of the call.
public protocol TransportHandler: AnyObject, Sendable {
    /// The answer to ``Transport/dispatch(_:token:message:)``; empty if there is nothing to send.
    ///
    /// - Parameter hasMore: another answer for the same session follows at once; sending may wait for it.
    func reply(_ session: SessionID, token: UInt64, payload: UnsafeRawBufferPointer, hasMore: Bool)

    /// One notification for all of these sessions.
    func deliver(_ sessions: UnsafeBufferPointer<SessionID>, payload: UnsafeRawBufferPointer)

    /// Close the connection, telling the client why.
    func kick(_ session: SessionID, reason: String)

    /// The answer to ``Transport/request(token:_:)``.
    func respond(token: UInt64, _ response: HTTPResponse)
}

/// The host's side of a transport. Nothing here waits.
public final class Transport: Sendable {
    public enum Outcome: Sendable {
        /// The answer follows.
        case accepted
        /// The session has too many calls under way: read no more from it until one is answered, then try again.
        case busy
        /// The session is gone.
        case closed
    }

    /// The host's functions, looked up once: they are called for every message.
    private struct Slots: @unchecked Sendable {
        // See HostTables for why the pointer may be shared.
        let context: UnsafeMutableRawPointer?
        let open:
            (
                @Sendable @convention(c) (
                    UnsafeMutableRawPointer?, UnsafePointer<xo_peer>, UnsafeMutablePointer<xo_session>
                ) -> xo_status
            )?
        let close: (@Sendable @convention(c) (UnsafeMutableRawPointer?, xo_session) -> Void)?
        let flow: (@Sendable @convention(c) (UnsafeMutableRawPointer?, xo_session, UInt32) -> Void)?
        let dispatch: (@Sendable @convention(c) (UnsafeMutableRawPointer?, xo_session, UInt64, xo_bytes) -> xo_status)?
        let http:
            (
                @Sendable @convention(c) (
                    UnsafeMutableRawPointer?, UInt64, UnsafePointer<xo_http_request>
                ) -> xo_status
            )?
        let announce: (@Sendable @convention(c) (UnsafeMutableRawPointer?, xo_str) -> Void)?
    }

    private let slots: Slots

    init(tables: HostTables) throws {
        guard let table = tables.transport else {
            throw HostError(status: .unsupported, operation: "being a transport")
        }
        slots = Slots(
            context: table.slot(\.ctx), open: table.slot(\.session_open), close: table.slot(\.session_close),
            flow: table.slot(\.session_flow), dispatch: table.slot(\.dispatch), http: table.slot(\.http),
            announce: table.slot(\.announce))
    }

    /// Opens a session for a new connection.
    ///
    /// - Throws: `HostError` if the host's limit of sessions is reached.
    public func open(_ peer: Peer) throws(HostError) -> SessionID {
        var session = xo_session()
        let status = peer.withView { slots.open?(slots.context, $0, &session) } ?? .unsupported
        try status.check("a session")
        return SessionID(session)
    }

    /// The connection is gone.
    public func close(_ session: SessionID) {
        slots.close?(slots.context, session.handle)
    }

    /// While paused, no notification comes for the session; afterwards it gets the present state of what has changed.
    public func setPaused(_ session: SessionID, _ paused: Bool) {
        slots.flow?(slots.context, session.handle, paused ? 1 : 0)
    }

    /// Hands over one message of the client, as it came; exactly one reply with `token` follows if it is accepted.
    public func dispatch(_ session: SessionID, token: UInt64, message: UnsafeRawBufferPointer) -> Outcome {
        let status = slots.dispatch?(slots.context, session.handle, token, xo_bytes(message)) ?? .unsupported
        return status >= 0 ? .accepted : status == .busy ? .busy : .closed
    }

    /// Hands over an HTTP request; one response with `token` follows if it is accepted.
    public func request(token: UInt64, _ request: HTTPRequest) -> Bool {
        request.withView { (slots.http?(slots.context, token, $0) ?? .unsupported) >= 0 }
    }

    /// Tells people where clients can connect now; replaces what was announced before.
    public func announce(_ urls: [String]) {
        urls.joined(separator: " ").withView { slots.announce?(slots.context, $0) }
    }
}
