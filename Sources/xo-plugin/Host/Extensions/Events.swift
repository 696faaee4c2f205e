import CXOPlugin
import XOJSON
import XOProtocol

/// One subscription of the plugin.
struct Subscription: Sendable {
    let topic: String
    let token: UInt64
    var credits: UInt32
    var lost: UInt64 = 0

    /// Whether it is for events of `published`.
    func includes(_ published: String) -> Bool {
        topic.hasSuffix(".*") ? published.hasPrefix(topic.dropLast()) : published == topic
    }
}

/// Events: what the instance publishes comes back to it, if it has subscribed.
extension CheckedHost {
    private static let maximumCredits: UInt32 = 1024

    func makeEvents() -> xo_events_host {
        xo_events_host(
            struct_size: size(of: xo_events_host.self), reserved: 0, ctx: Contexts.make(for: self, .events),
            subscribe: { context, topic, credits, token, out in
                CheckedHost.serve(context, .events, "xo_events_host.subscribe") { host in
                    let subscription = Subscription(
                        topic: try topic.checked("topic"), token: token,
                        credits: min(credits, CheckedHost.maximumCredits))
                    let handle = host.handles.make(.subscription)
                    host.subscriptions.withLock { subscriptions in subscriptions[handle] = subscription }
                    out.pointee.id = handle
                    return .ok
                }
            },
            grant: { context, sub, credits in
                CheckedHost.serve(context, .events, "xo_events_host.grant", .always) { host in
                    _ = try host.check(sub.id, .subscription)
                    host.subscriptions.withLock { subscriptions in
                        guard let before = subscriptions[sub.id]?.credits else { return }
                        let sum = before.addingReportingOverflow(credits)
                        subscriptions[sub.id]?.credits =
                            sum.overflow
                            ? CheckedHost.maximumCredits : min(sum.partialValue, CheckedHost.maximumCredits)
                    }
                }
            },
            unsubscribe: { context, sub in
                CheckedHost.serve(context, .events, "xo_events_host.unsubscribe", .always) { host in
                    guard try host.check(sub.id, .subscription) == .ok else { return }
                    host.handles.close(sub.id)
                    guard let ended = host.subscriptions.withLock({ $0.removeValue(forKey: sub.id) }) else { return }
                    host.callBack("on_unsubscribed") { $0.onUnsubscribed?($0.data, sub, ended.token, .ok) }
                }
            },
            publish: { context, topic, payload in
                CheckedHost.serve(context, .events, "xo_events_host.publish") { host in
                    let topic = try topic.checked("topic")
                    _ = try payload.checkedJSON("payload")
                    guard topic.hasPrefix(host.instanceID + ".") else { return .permissionDenied }
                    host.publish(topic, try payload.checked("payload"))
                    return .ok
                }
            })
    }

    /// Tells all subscriptions of the topic that have credit, and remembers what the others lose.
    func publish(_ topic: String, _ payload: [UInt8]) {
        let ready = subscriptions.withLock { subscriptions in
            subscriptions.compactMap { handle, subscription -> (xo_sub, Subscription)? in
                guard subscription.includes(topic) else { return nil }
                guard subscription.credits > 0 else {
                    subscriptions[handle]?.lost += 1
                    return nil
                }
                subscriptions[handle]?.credits -= 1
                subscriptions[handle]?.lost = 0
                return (xo_sub(id: handle), subscription)
            }
        }
        for (sub, subscription) in ready {
            callBack("on_event") { [self] tables in
                if subscription.lost > 0 { tables.onGap?(tables.data, sub, subscription.token, subscription.lost) }
                lend { tables.onEvent?(tables.data, sub, subscription.token, $0.text(topic), $0.bytes(payload)) }
            }
        }
    }
}
