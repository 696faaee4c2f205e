import CXOPlugin
import Synchronization
import XOJSON
import XOProtocol

/// Publish and subscribe between plugins, and from the host to plugins.
///
/// A subscriber has credits. What is published when it has none is counted and reported as a gap with its next credit: a
/// slow subscriber misses something, and knows it, but never fills the memory.
final class EventBus: Sendable {
    static let objectsTopic = "objects"
    static let pluginsTopic = "plugins"
    private static let limit = 10_000
    /// More credits than these are of no use: what they would let wait is memory.
    private static let maximumCredits: UInt64 = 1024

    private final class Subscription: HandleHolder {
        nonisolated(unsafe) var handle: UInt64 = 0
        let owner: Incarnation
        let topic: String
        let token: UInt64
        let budget: Mutex<(credits: UInt64, lost: UInt64)>

        init(owner: Incarnation, topic: String, credits: UInt32, token: UInt64) {
            self.owner = owner
            self.topic = topic
            self.token = token
            budget = Mutex((min(UInt64(credits), maximumCredits), 0))
        }

        func matches(_ published: String) -> Bool {
            topic.hasSuffix(".*") ? published.hasPrefix(topic.dropLast()) : topic == published
        }
    }

    private let table = HandleTable<Subscription>(limit: EventBus.limit)

    func subscribe(_ owner: Incarnation, to topic: String, credits: UInt32, token: UInt64) -> UInt64? {
        let subscription = Subscription(owner: owner, topic: topic, credits: credits, token: token)
        return table.insert(subscription) ? subscription.handle : nil
    }

    func hasSubscribers(of topic: String) -> Bool {
        table.count > 0 && table.values.contains { $0.matches(topic) }
    }

    /// - Parameter payload: JSON text.
    func publish(_ topic: String, _ payload: [UInt8]) {
        for subscription in table.values where subscription.matches(topic) {
            let isAdmitted = subscription.budget.withLock { budget in
                if budget.credits > 0 { budget.credits -= 1 } else { budget.lost += 1 }
                return budget.lost == 0
            }
            if isAdmitted { deliver(topic, payload, to: subscription) }
        }
    }

    func publishPluginState(_ id: String, _ state: PluginState) {
        var members: JSONObject = ["id": .string(id), "state": .string(state.name)]
        if let reason = state.reason { members["error"] = .string(reason) }
        publish(EventBus.pluginsTopic, JSON.object(members).serialized())
    }

    func grant(_ handle: UInt64, _ credits: UInt32, of owner: Incarnation) {
        guard let subscription = table[handle], subscription.owner === owner else { return }
        let lost = subscription.budget.withLock { budget in
            budget.credits = min(budget.credits + UInt64(credits), EventBus.maximumCredits)
            guard budget.credits > 0 else { return UInt64(0) }
            defer { budget.lost = 0 }
            return budget.lost
        }
        guard lost > 0 else { return }
        owner.callInLane { tables in
            tables.events?.onGap?(tables.data, xo_sub(id: handle), subscription.token, lost)
        }
    }

    func unsubscribe(_ handle: UInt64, of owner: Incarnation) {
        guard let subscription = table.remove(handle, if: { $0.owner === owner }) else { return }
        owner.callInLane { tables in
            tables.events?.onUnsubscribed?(tables.data, xo_sub(id: handle), subscription.token, .ok)
        }
    }

    func unsubscribeAll(of owner: PluginInstance) {
        for subscription in table.values where subscription.owner.owner === owner {
            unsubscribe(subscription.handle, of: subscription.owner)
        }
    }

    private func deliver(_ topic: String, _ payload: [UInt8], to subscription: Subscription) {
        subscription.owner.callInLane { [table] tables in
            guard table[subscription.handle] === subscription else { return }
            topic.withView { topic in
                payload.withView {
                    tables.events?.onEvent(
                        tables.data, xo_sub(id: subscription.handle), subscription.token, topic, $0)
                }
            }
        }
    }
}
