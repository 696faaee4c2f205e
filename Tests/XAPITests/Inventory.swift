import XAPIPool
import XOJSON

/// What a host would have in its inventory.
final class Inventory: ObjectSink {
    struct Contents: Sendable {
        var objects: [String: JSON] = [:]
        var isLive = false
        var detail = ""
        /// Ids in the order in which they were put, batch by batch.
        var batches: [[String]] = []
        var removed: [String] = []
        fileprivate var snapshot: Set<String>?

        func objects(ofType type: String) -> [JSON] { objects.values.filter { $0["type"]?.string == type } }
    }

    let contents = Watched(Contents())

    func beginSnapshot() { contents.update { $0.snapshot = [] } }

    func endSnapshot() {
        contents.update { contents in
            guard let kept = contents.snapshot else { return }
            contents.objects = contents.objects.filter { kept.contains($0.key) }
            contents.snapshot = nil
        }
    }

    func put(_ objects: [PoolObject]) {
        contents.update { contents in
            for object in objects {
                let json = (try? JSON(parsing: object.json)) ?? .null
                precondition(
                    json["id"]?.string == object.id && json["type"]?.string == object.type
                        && json["$pool"]?.string == object.pool && json["_xapiRef"]?.string == object.ref
                        && !object.json.contains(0x0A))
                contents.objects[object.id] = json
                contents.snapshot?.insert(object.id)
            }
            contents.batches.append(objects.map(\.id))
        }
    }

    func remove(_ ids: [String]) {
        contents.update { contents in
            for id in ids { contents.objects[id] = nil }
            contents.removed += ids
        }
    }

    func report(isLive: Bool, detail: String) {
        contents.update { contents in
            contents.isLive = isLive
            contents.detail = detail
        }
    }
}
