import CXOPlugin
import Synchronization
import XOJSON
import XOProtocol

/// What was published under a topic.
public struct Event: Sendable {
    public let topic: String
    public let payload: JSON
    /// How many events were dropped before this one, because this subscriber was too slow. After a gap, ask for the
    /// present state instead of relying on the changes.
    public let lostBefore: UInt64
}

/// Publish and subscribe.
public final class Events: Sendable {
    private struct Subscription {
        let continuation: AsyncStream<Event>.Continuation
        var lost: UInt64 = 0
    }

    private struct State {
        var nextToken: UInt64 = 1
        var subscriptions: [UInt64: Subscription] = [:]
    }

    /// How many events may wait in a subscriber.
    private static let credits: UInt32 = 256

    private let tables: HostTables
    private let instanceID: String
    private let state = Mutex(State())

    init(tables: HostTables, instanceID: String) {
        self.tables = tables
        self.instanceID = instanceID
    }

    private var context: UnsafeMutableRawPointer? { tables.events?.slot(\.ctx) }

    /// Publishes under the topic `INSTANCE.suffix`.
    public func publish(_ suffix: String, _ payload: JSON) throws {
        let text = payload.serialized()
        try
            ("\(instanceID).\(suffix)".withView { topic in
                text.withView { tables.events?.slot(\.publish)?(context, topic, $0) }
            } ?? .unsupported).check("publishing \(suffix)")
    }

    /// Subscribes to a topic, or to all that begin with a prefix: `objects`, `plugins`, `xapi.*`.
    ///
    /// The subscription ends with the loop over the stream. A subscriber that is slow misses events and is told how
    /// many: ``Event/lostBefore``.
    public func subscribe(_ topic: String) throws -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingOldest(Int(Events.credits)))
        let token = state.withLock { state in
            defer { state.nextToken += 1 }
            state.subscriptions[state.nextToken] = Subscription(continuation: continuation)
            return state.nextToken
        }
        var sub = xo_sub()
        let status = topic.withView {
            tables.events?.slot(\.subscribe)?(context, $0, Events.credits, token, &sub)
        }
        do {
            try (status ?? .unsupported).check("the subscription to \(topic)")
        } catch {
            finish(token)
            throw error
        }
        continuation.onTermination = { [tables, sub] _ in
            tables.events?.slot(\.unsubscribe)?(tables.events?.slot(\.ctx), sub)
        }
        return stream
    }

    func receive(_ token: UInt64, _ sub: xo_sub, _ topic: String, _ payload: UnsafeRawBufferPointer) {
        guard let payload = try? JSON(parsing: payload) else { return }
        state.withLock { state in
            guard let subscription = state.subscriptions[token] else { return }
            let event = Event(topic: topic, payload: payload, lostBefore: subscription.lost)
            if case .dropped = subscription.continuation.yield(event) {
                state.subscriptions[token]?.lost += 1
            } else {
                state.subscriptions[token]?.lost = 0
            }
        }
        // The stream has a bound of its own, so the credit can be given back at once.
        tables.events?.slot(\.grant)?(context, sub, 1)
    }

    func noteGap(_ token: UInt64, _ lost: UInt64) {
        state.withLock { $0.subscriptions[token]?.lost += lost }
    }

    func abandon() {
        for token in state.withLock({ Array($0.subscriptions.keys) }) { finish(token) }
    }

    func finish(_ token: UInt64) {
        let subscription = state.withLock { $0.subscriptions.removeValue(forKey: token) }
        subscription?.continuation.finish()
    }
}
