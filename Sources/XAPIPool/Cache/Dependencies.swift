/// Which objects are made of more than their own record, and so must be made anew when another record changes.
///
/// The ways back lead over XenServer's own relations and the few indices of the cache. Each rule names the fields that
/// are read across: a storage repository tells its free space every few seconds, and its thousand guests must not care.
enum Dependencies {
    /// The records, other than the changed one, whose objects read from it. May name some twice.
    static func readers(of change: Change, in cache: RecordCache) -> [Record] {
        guard let record = change.new ?? change.old else { return [] }
        switch record.shape.className {
        case "PIF_metrics": return cache.users(of: record.ref)
        case "VM_metrics", "VM_guest_metrics", "host_metrics":
            return [cache.owner(ofMetrics: record.ref)].compactMap { $0 }
        case "pool": return change.touches("master") ? machines(in: cache) : []
        case "host": return readers(ofHost: record, change, cache)
        case "task": return change.old == nil || change.new == nil ? cache.users(of: record.ref) : []
        case "SR": return change.touches("shared", "PBDs") ? halted(on: [record], cache) : []
        case "PBD":
            guard change.touches("host", "SR", "device_config") else { return [] }
            let storages = change.targets(of: "SR", in: cache)
            return storages + halted(on: storages, cache)
        case "VDI": return readers(ofDisk: record, change, cache)
        case "VBD": return change.touches("VDI", "VM") ? change.targets(of: "VM", in: cache).filter(\.isHalted) : []
        case "Bond": return change.targets(of: "master", in: cache) + change.members(of: "slaves", in: cache)
        case "PIF":
            return change.touches("bond_master_of", "bond_slave_of") ? change.targets(of: "network", in: cache) : []
        case "pool_update", "Certificate": return Array(cache.hosts.values)
        case "pool_patch": return change.members(of: "host_patches", in: cache)
        default: return []
        }
    }

    /// The coordinator lends its name to a pool without one, and its version decides how guests are described.
    private static func readers(ofHost host: Record, _ change: Change, _ cache: RecordCache) -> [Record] {
        guard let pool = cache.pool, pool.string("master") == host.ref else { return [] }
        if change.touches("software_version") { return [pool] + machines(in: cache) }
        return change.touches("name_label") ? [pool] : []
    }

    private static func readers(ofDisk disk: Record, _ change: Change, _ cache: RecordCache) -> [Record] {
        var readers: [Record] = []
        if change.touches("SR") {
            readers = change.members(of: "VBDs", in: cache).compactMap { cache.follow("VM", of: $0) }.filter(\.isHalted)
            if let pool = cache.pool, pool["ha_statefiles"]?.strings.contains(disk.ref) == true { readers.append(pool) }
        }
        if change.touches("physical_utilisation", "sm_config") { readers += disks(above: disk.uuid, cache) }
        return readers
    }

    /// All disks that are differences to a disk, however far.
    private static func disks(above uuid: String, _ cache: RecordCache) -> [Record] {
        var found: [Record] = []
        var seen: Set = [uuid]
        var next = [uuid]
        while let uuid = next.popLast() {
            for disk in cache.disks(onTopOf: uuid) where seen.insert(disk.uuid).inserted {
                found.append(disk)
                next.append(disk.uuid)
            }
        }
        return found
    }

    /// VMs without a domain, whose place follows from their disks on these storages.
    private static func halted(on storages: [Record], _ cache: RecordCache) -> [Record] {
        storages.flatMap { $0["VDIs"]?.strings ?? [] }
            .flatMap { cache[$0]?["VBDs"]?.strings ?? [] }
            .compactMap { cache.follow("VM", of: cache[$0]) }
            .filter(\.isHalted)
    }

    private static func machines(in cache: RecordCache) -> [Record] { Array(cache.records(of: Classes.vm.shape)) }
}

extension Record {
    /// Of a VM: whether it is on no host.
    fileprivate var isHalted: Bool {
        let host = string("resident_on") ?? ""
        return !host.hasPrefix("OpaqueRef:") || host == "OpaqueRef:NULL"
    }
}
