import CXOPlugin
import XOProtocol

/// xo.events/1: plugins publish and subscribe.
enum EventsTable {
    static func make(_ context: UnsafeMutableRawPointer) -> xo_events_host {
        xo_events_host(
            struct_size: UInt32(MemoryLayout<xo_events_host>.size), reserved: 0, ctx: context,
            subscribe: { context, topic, credits, token, out in
                guard let life = Incarnation.from(context), let topic = topic.string, !topic.isEmpty,
                    life.tables?.events != nil
                else { return .invalidArgument }
                guard life.isServing else { return .wrongState }
                guard
                    let handle = life.owner.services.events.subscribe(
                        life, to: topic, credits: credits, token: token)
                else { return .resourceExhausted }
                out.pointee = xo_sub(id: handle)
                return .ok
            },
            grant: { context, sub, credits in
                guard let life = Incarnation.from(context) else { return }
                life.owner.services.events.grant(sub.id, credits, of: life)
            },
            unsubscribe: { context, sub in
                guard let life = Incarnation.from(context) else { return }
                life.owner.services.events.unsubscribe(sub.id, of: life)
            },
            publish: { context, topic, payload in
                guard let instance = PluginInstance.from(context), let topic = topic.string,
                    let bytes = UnsafeRawBufferPointer(view: payload.ptr, payload.len), JSONText.isValid(bytes)
                else { return .invalidArgument }
                guard topic.hasPrefix("\(instance.id).") else { return .permissionDenied }
                instance.services.events.publish(topic, Array(bytes))
                return .ok
            })
    }
}
