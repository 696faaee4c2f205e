import CXOPlugin
import Synchronization
import XOJSON
import XOProtocol

/// What an instance has stored; outlives the instance.
final class MemoryStore: Sendable {
    struct Answer: Sendable {
        var status: xo_status = .ok
        var revision: UInt64 = 0
        var value: [UInt8] = []
    }

    private let entries = Mutex<[String: (value: [UInt8], revision: UInt64)]>([:])

    /// How many keys there are with that beginning.
    func count(_ prefix: String) -> Int { entries.withLock { $0.keys.count { $0.hasPrefix(prefix) } } }

    func get(_ key: String) -> Answer {
        guard let entry = entries.withLock({ $0[key] }) else { return Answer(status: .notFound) }
        return Answer(revision: entry.revision, value: entry.value)
    }

    func put(_ key: String, _ value: [UInt8], _ expected: UInt64) -> Answer {
        entries.withLock { entries in
            let present = entries[key]?.revision ?? 0
            guard expected == .max || expected == present else { return Answer(status: .failedPrecondition) }
            entries[key] = (value, present + 1)
            return Answer(revision: present + 1)
        }
    }

    func remove(_ key: String) -> Answer {
        entries.withLock { $0[key] = nil }
        return Answer()
    }

    func list(_ prefix: String) -> Answer {
        let members = entries.withLock { $0.filter { $0.key.hasPrefix(prefix) } }.map {
            ($0.key, (try? JSON(parsing: $0.value.value)) ?? .null)
        }
        return Answer(value: JSON.object(JSONObject(uniqueKeysWithValues: members)).serialized())
    }
}
