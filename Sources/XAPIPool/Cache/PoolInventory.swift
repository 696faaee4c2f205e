import Dispatch
import NIOCore
import Synchronization

/// Where the objects of a pool go.
///
/// The functions are called in order by one connection, must not block, and may be called on any thread.
public protocol ObjectSink: Sendable {
    /// From here to ``endSnapshot()`` everything is put; what is not put then is gone.
    func beginSnapshot()
    func endSnapshot()
    /// Adds or replaces. One call is one change for whoever watches.
    func put(_ objects: [PoolObject])
    func remove(_ ids: [String])
    /// - Parameter isLive: whether the objects are known to be current.
    func report(isLive: Bool, detail: String)
}

/// The objects of one pool: takes records in, hands out the objects that become different by them.
///
/// Not thread-safe: it belongs to the connection that fills it.
final class PoolInventory {
    let cache = RecordCache()
    private let sink: any ObjectSink
    /// By reference: what was handed out.
    private var published: [String: (id: String, digest: Int)] = [:]
    private static let chunkSize = 500

    init(sink: any ObjectSink) { self.sink = sink }

    /// Replaces everything.
    func load(_ records: [Record]) {
        var stale = Set(cache.refs)
        for record in records {
            cache.put(record)
            stale.remove(record.ref)
        }
        stale.forEach { cache.remove($0) }

        published = [:]
        published.reserveCapacity(records.count)
        sink.beginSnapshot()
        // Some chunks at a time, so that not all objects are in memory twice.
        let step = Self.chunkSize * 4 * max(1, System.coreCount)
        for start in stride(from: 0, to: records.count, by: step) {
            for chunk in map(records[start..<min(start + step, records.count)]) where !chunk.isEmpty {
                for mapped in chunk { published[mapped.object.ref] = (mapped.object.id, mapped.digest) }
                sink.put(chunk.map(\.object))
            }
        }
        sink.endSnapshot()
    }

    private struct Mapped: Sendable {
        let object: PoolObject
        let digest: Int
    }

    /// Makes objects on all processors, in chunks in the order of the records.
    private func map(_ records: ArraySlice<Record>) -> [[Mapped]] {
        let count = (records.count + Self.chunkSize - 1) / Self.chunkSize
        // Only read while objects are made: nobody else has it, and this function waits for all.
        nonisolated(unsafe) let cache = cache
        let chunks = Mutex([[Mapped]](repeating: [], count: count))
        DispatchQueue.concurrentPerform(iterations: count) { index in
            let start = records.startIndex + index * Self.chunkSize
            let chunk = records[start..<min(start + Self.chunkSize, records.endIndex)].compactMap { record in
                Classes.of(record)?.map(record, in: cache).map { Mapped(object: $0, digest: $0.digest) }
            }
            chunks.withLock { $0[index] = chunk }
        }
        return chunks.withLock { $0 }
    }

    /// Takes changes in and hands out what has become different, as one batch.
    func apply(_ changes: [RecordChange]) {
        // First all records, then all objects: an object is made once, of the newest records.
        let effective = changes.compactMap(applyToCache)
        var dirty: [String: Record] = [:]
        var gone: [String] = []
        for change in effective {
            if let new = change.new, cache[new.ref] === new { dirty[new.ref] = new }
            if let old = change.old, cache[old.ref] == nil { gone.append(old.ref) }
            for reader in Dependencies.readers(of: change, in: cache) { dirty[reader.ref] = reader }
        }
        publish(dirty.values, removing: gone)
    }

    /// Forgets everything; the sink sees an empty pool.
    func clear() {
        guard !published.isEmpty || !cache.refs.isEmpty else { return }
        load([])
    }

    private func applyToCache(_ change: RecordChange) -> Change? {
        switch change {
        case .put(let record):
            let old = cache[record.ref]
            if let old, old.isSame(as: record) { return nil }
            cache.put(record)
            return Change(old: old, new: record)
        case .remove(let ref):
            return cache.remove(ref).map { Change(old: $0, new: nil) }
        }
    }

    private func publish(_ records: some Sequence<Record>, removing gone: [String]) {
        var removed = gone.compactMap { published.removeValue(forKey: $0)?.id }
        var changed: [PoolObject] = []
        for record in records {
            guard let object = Classes.of(record)?.map(record, in: cache) else { continue }
            let digest = object.digest
            let earlier = published.updateValue((object.id, digest), forKey: record.ref)
            if let earlier, earlier.id != object.id { removed.append(earlier.id) }
            if earlier?.digest != digest { changed.append(object) }
        }
        if !removed.isEmpty { sink.remove(removed) }
        if !changed.isEmpty { sink.put(changed) }
    }
}

extension PoolObject {
    /// Tells whether the record is what it was, at a fiftieth of the memory of keeping it.
    fileprivate var digest: Int {
        var hasher = Hasher()
        json.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
