/// The records of one pool, and the ways from one to another.
///
/// Not thread-safe: it belongs to the connection that fills it.
final class RecordCache {
    private var records: [String: Record] = [:]
    private var refsByUUID: [String: String] = [:]
    private var counts: [String: Int] = [:]
    /// From the metrics of a VM or a host to their owner; XenServer has no link in this direction.
    private var measured: [String: String] = [:]
    /// From a task to the VMs that it works on, and from the metrics of a network card to the PIFs that share it.
    private var users: [String: Set<String>] = [:]
    /// From a disk's uuid to the disks that are differences to it.
    private var children: [String: Set<String>] = [:]
    /// The pool record, of which there is one.
    private(set) var pool: Record?
    /// Kept apart, because they are asked for after every batch of events.
    private(set) var hosts: [String: Record] = [:]

    subscript(ref: String?) -> Record? { ref.flatMap { records[$0] } }

    /// The record that `field` of `record` refers to; `nil` for null references and for records that are not known.
    func follow(_ field: String, of record: Record?) -> Record? { self[record?.string(field)] }

    func record(uuid: String) -> Record? { self[refsByUUID[uuid]] }

    var refs: some Collection<String> { records.keys }

    func count(of shape: RecordShape) -> Int { counts[shape.className] ?? 0 }

    /// Only classes of which there is something.
    var countsByClass: [String: Int] { counts.filter { $0.value > 0 } }

    /// All records of a class; looks at each record of the pool.
    func records(of shape: RecordShape) -> some Sequence<Record> {
        records.values.lazy.filter { $0.shape === shape }
    }

    func owner(ofMetrics ref: String) -> Record? { self[measured[ref]] }

    /// VMs with an operation under this task, PIFs with these metrics.
    func users(of ref: String) -> [Record] { (users[ref] ?? []).compactMap { self[$0] } }

    func disks(onTopOf uuid: String) -> [Record] { (children[uuid] ?? []).compactMap { self[$0] } }

    /// The host that speaks for the pool.
    var coordinator: Record? { follow("master", of: pool) }

    func put(_ record: Record) {
        let old = records.updateValue(record, forKey: record.ref)
        if let old { unindex(old) } else { counts[record.shape.className, default: 0] += 1 }
        index(record)
    }

    @discardableResult
    func remove(_ ref: String) -> Record? {
        guard let old = records.removeValue(forKey: ref) else { return nil }
        counts[old.shape.className, default: 0] -= 1
        unindex(old)
        return old
    }

    // MARK: Indices

    private func index(_ record: Record) {
        refsByUUID[record.uuid] = record.ref
        for metrics in ownMetrics(of: record) { measured[metrics] = record.ref }
        for used in shared(by: record) { users[used, default: []].insert(record.ref) }
        switch record.shape.className {
        case "pool": pool = record
        case "host": hosts[record.ref] = record
        case "VDI":
            if let parent = record.parentDiskUUID { children[parent, default: []].insert(record.ref) }
        default: break
        }
    }

    private func unindex(_ record: Record) {
        if refsByUUID[record.uuid] == record.ref { refsByUUID[record.uuid] = nil }
        for metrics in ownMetrics(of: record) where measured[metrics] == record.ref { measured[metrics] = nil }
        for used in shared(by: record) { users.remove(record.ref, under: used) }
        switch record.shape.className {
        case "pool": if pool?.ref == record.ref { pool = nil }
        case "host": hosts[record.ref] = nil
        case "VDI":
            if let parent = record.parentDiskUUID { children.remove(record.ref, under: parent) }
        default: break
        }
    }

    /// References to records that measure this one only.
    private func ownMetrics(of record: Record) -> [String] {
        let fields =
            switch record.shape.className {
            case "VM": ["metrics", "guest_metrics"]
            case "host": ["metrics"]
            default: [String]()
            }
        return fields.compactMap { record.string($0) }.filter { $0 != "OpaqueRef:NULL" }
    }

    /// References to records that others may refer to as well: PIFs of VLANs have the metrics of their network card.
    private func shared(by record: Record) -> [String] {
        switch record.shape.className {
        case "VM": record["current_operations"]?.members.map(\.name) ?? []
        case "PIF": [record.string("metrics")].compactMap { $0 }
        default: []
        }
    }
}

extension [String: Set<String>] {
    fileprivate mutating func remove(_ member: String, under key: String) {
        self[key]?.remove(member)
        if self[key]?.isEmpty == true { self[key] = nil }
    }
}

extension Record {
    /// The uuid of the disk that this one is a difference to.
    var parentDiskUUID: String? { self["sm_config"]?.member("vhd-parent")?.string }
}
