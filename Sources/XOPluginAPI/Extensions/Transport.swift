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
    /// The answers that are ready for messages of ``Transport/dispatch(_:of:)``, at least one.
    func answer(_ session: SessionID, _ answers: Answers)

    /// One notification for all of these sessions.
    func deliver(_ sessions: UnsafeBufferPointer<SessionID>, payload: UnsafeRawBufferPointer)

    /// Close the connection, telling the client why.
    func kick(_ session: SessionID, reason: String)

    /// The answer to ``Transport/request(token:_:)``.
    func respond(token: UInt64, _ response: HTTPResponse)
}

/// Answers for one client, in the order in which they are to be sent. Lent for the duration of a call.
public struct Answers: RandomAccessCollection {
    private let answers: UnsafeBufferPointer<xo_message>

    init(_ answers: UnsafeBufferPointer<xo_message>) { self.answers = answers }

    public var startIndex: Int { 0 }
    public var endIndex: Int { answers.count }

    /// The token of the message, and JSON text; empty if there is nothing to send.
    public subscript(position: Int) -> (token: UInt64, payload: UnsafeRawBufferPointer) {
        (token: answers[position].token, payload: answers[position].payload.buffer)
    }
}

/// Messages of one client, gathered so that they cost one call of the host.
public struct MessageBatch: Sendable {
    fileprivate var messages = PackedMessages()

    public init() {}

    public var count: Int { messages.count }
    public var isEmpty: Bool { messages.isEmpty }

    /// Appends a copy of a message, as it came.
    ///
    /// - Parameter token: comes back with the answer.
    public mutating func append(token: UInt64, _ payload: UnsafeRawBufferPointer) {
        messages.append(token: token, payload)
    }

    public mutating func removeAll() { messages.removeAll() }
}

/// The host's side of a transport. Nothing here waits.
public final class Transport: Sendable {
    public enum Outcome: Sendable {
        /// All were taken.
        case accepted
        /// The session has too many calls under way: read no more from it until one is answered, then hand over the
        /// rest.
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
        let dispatch:
            (
                @Sendable @convention(c) (
                    UnsafeMutableRawPointer?, xo_session, UnsafePointer<xo_message>, UInt32,
                    UnsafeMutablePointer<UInt32>
                ) -> xo_status
            )?
        let http:
            (
                @Sendable @convention(c) (
                    UnsafeMutableRawPointer?, UInt64, UnsafePointer<xo_http_request>
                ) -> xo_status
            )?
        let announce: (@Sendable @convention(c) (UnsafeMutableRawPointer?, xo_str) -> Void)?
    }

    private let slots: Slots
    let listenRequests: ListenRequests

    init(tables: HostTables) throws {
        guard let table = tables.transport else {
            throw HostError(status: .unsupported, operation: "being a transport")
        }
        slots = Slots(
            context: table.slot(\.ctx), open: table.slot(\.session_open), close: table.slot(\.session_close),
            flow: table.slot(\.session_flow), dispatch: table.slot(\.dispatch), http: table.slot(\.http),
            announce: table.slot(\.announce))
        listenRequests = ListenRequests(ListenSlots(table))
    }

    /// Has the host open a socket that takes connections. After a crash the instance gets the one that it had.
    ///
    /// - Parameters:
    ///   - address: an IP address of this machine, or a name that stands for one.
    ///   - port: 0: any that is free.
    ///   - backlog: how many connections may wait to be accepted; 0: as many as the system allows.
    /// - Throws: ``ListenError``; `HostError` outside of `start` and what follows it; `CancellationError` when the
    ///   instance stops meanwhile.
    public func listen(at address: String, port: UInt16, backlog: UInt32 = 0) async throws -> ListeningSocket {
        try await listenRequests.listen(address, port, backlog: backlog)
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

    /// Hands over messages of one client; exactly one answer follows for each. What the host has taken is removed from
    /// `batch`.
    public func dispatch(_ batch: inout MessageBatch, of session: SessionID) -> Outcome {
        var outcome = Outcome.accepted
        var total = 0
        batch.messages.forEachRun { run in
            guard outcome == .accepted, let first = run.baseAddress else { return }
            var taken: UInt32 = 0
            let status =
                slots.dispatch?(slots.context, session.handle, first, UInt32(run.count), &taken) ?? .unsupported
            total += Int(taken)
            outcome = status >= 0 ? .accepted : status == .busy ? .busy : .closed
        }
        batch.messages.removeFirst(total)
        return outcome
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
