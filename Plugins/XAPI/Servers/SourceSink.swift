import XAPIPool
import XOPluginAPI

/// Hands the objects of one pool to the host.
struct SourceSink: ObjectSink {
    let source: ObjectSource

    func beginSnapshot() { source.beginSnapshot() }
    func endSnapshot() { source.endSnapshot() }
    func remove(_ ids: [String]) { source.remove(ids) }
    func report(isLive: Bool, detail: String) { source.report(isLive ? .live : .stale, detail) }

    func put(_ objects: [PoolObject]) {
        source.put(
            objects.map { ObjectRecord(id: $0.id, type: $0.type, pool: $0.pool, ref: $0.ref, json: $0.json) })
    }
}
