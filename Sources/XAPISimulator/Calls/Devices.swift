import XOJSON

/// Virtual disks, and the drives and network interfaces of VMs.
extension Toolstack {
    static let deviceCalls: [String: Handler] = [
        "VBD.create": { try $0.createVBD($1) },
        "VBD.destroy": { toolstack, call in
            let vbd = try toolstack.database.row("VBD", call.text(0))
            if vbd.flag("currently_attached") {
                throw XAPIFailure("OPERATION_NOT_ALLOWED", "VBD '\(vbd.uuid)' still attached")
            }
            toolstack.destroyDevice(vbd, metrics: "VBD_metrics")
            return .void
        },
        "VIF.create": { try $0.createVIF($1) },
        "VIF.destroy": { toolstack, call in
            let vif = try toolstack.database.row("VIF", call.text(0))
            if vif.flag("currently_attached") {
                throw XAPIFailure("OPERATION_NOT_ALLOWED", "VIF '\(vif.uuid)' still attached")
            }
            toolstack.destroyDevice(vif, metrics: "VIF_metrics")
            return .void
        },
        "VDI.create": { try $0.createVDI($1) },
        "VDI.destroy": { toolstack, call in
            let vdi = try toolstack.database.row("VDI", call.text(0))
            if toolstack.isAttached(vdi) { throw XAPIFailure("VDI_IN_USE", vdi.reference, "destroy") }
            toolstack.destroyDisk(vdi)
            return .void
        },
    ]

    // MARK: Attaching

    func attachDevices(of vm: Row) { setAttached(vm, true) }
    func detachDevices(of vm: Row) { setAttached(vm, false) }

    private func setAttached(_ vm: Row, _ isAttached: Bool) {
        for vbd in database.rows("VBD", "VBDs", of: vm) {
            database.set(vbd, "currently_attached", .bool(isAttached))
            if isAttached { database.set(vbd, "device", .string(Toolstack.deviceName(vbd.text("userdevice")))) }
        }
        for vif in database.rows("VIF", "VIFs", of: vm) {
            database.set(vif, "currently_attached", .bool(isAttached))
        }
        updateDevices(of: vm)
    }

    /// `xvda` for drive 0, and so on; drives beyond `xvdz` keep their number.
    static func deviceName(_ userDevice: String) -> String {
        guard let number = UInt8(userDevice), number < 26 else { return userDevice }
        return "xvd" + String(Unicode.Scalar(UInt8(ascii: "a") + number))
    }

    /// Recomputes what may be done with the devices of a VM and their disks.
    func updateDevices(of vm: Row) {
        let state = powerState(of: vm)
        let metrics = database.find("VM_guest_metrics", "guest_metrics", of: vm)
        let canHotplug = state == .running && (hasDrivers(metrics) || vm.text("domain_type") == "pv")
        for vbd in database.rows("VBD", "VBDs", of: vm) {
            database.set(
                vbd, "allowed_operations",
                JSON(
                    Toolstack.driveOperations(
                        state: state, isCD: vbd.text("type") == "CD", isEmpty: vbd.flag("empty"),
                        isAttached: vbd.flag("currently_attached"), canHotplug: canHotplug)))
            if let vdi = database.find("VDI", "VDI", of: vbd) { updateDisk(vdi) }
        }
        for vif in database.rows("VIF", "VIFs", of: vm) {
            database.set(
                vif, "allowed_operations",
                JSON(Toolstack.interfaceOperations(vif.flag("currently_attached"), canHotplug: canHotplug)))
        }
    }

    static func driveOperations(
        state: PowerState, isCD: Bool, isEmpty: Bool, isAttached: Bool, canHotplug: Bool
    ) -> [String] {
        var operations = ["attach"]
        if state.isLive { operations += ["pause", "unpause"] }
        if isCD {
            if state != .suspended { operations.append(isEmpty ? "insert" : "eject") }
        } else if canHotplug {
            operations += isAttached ? ["unplug", "unplug_force"] : ["plug"]
        }
        return operations
    }

    static func interfaceOperations(_ isAttached: Bool, canHotplug: Bool) -> [String] {
        canHotplug ? ["attach", isAttached ? "unplug" : "plug"] : ["attach"]
    }

    // MARK: Disks

    static let attachedDiskOperations = ["snapshot", "clone"]
    static let detachedDiskOperations = [
        "snapshot", "clone", "copy", "destroy", "resize", "update", "generate_config", "forget",
    ]

    func isAttached(_ vdi: Row) -> Bool {
        database.rows("VBD", "VBDs", of: vdi).contains { $0.flag("currently_attached") && !isOfSnapshot($0) }
    }

    /// The drives of a snapshot are marked as attached if they were when it was made.
    private func isOfSnapshot(_ vbd: Row) -> Bool {
        database.find("VM", "VM", of: vbd)?.flag("is_a_snapshot") == true
    }

    private func updateDisk(_ vdi: Row) {
        guard let storage = database.find("SR", "SR", of: vdi), storage.text("content_type") != "iso" else { return }
        database.set(
            vdi, "allowed_operations",
            JSON(isAttached(vdi) ? Toolstack.attachedDiskOperations : Toolstack.detachedDiskOperations))
    }

    /// Writes down that `bytes` more are used in a storage.
    func changeUsage(of storage: String, by bytes: Int64) {
        guard let row = database.find("SR", storage) else { return }
        for field in ["virtual_allocation", "physical_utilisation"] {
            database.set(row, field, .integer(max(0, row.integer(field) + bytes)))
        }
    }

    func makeDisk(
        _ name: String, description: String = "", on storage: String, size: Int64, type: String = "user"
    ) throws(XAPIFailure) -> Row {
        let vdi = try create(
            "VDI",
            [
                "name_label": .string(name), "name_description": .string(description), "SR": .string(storage),
                "virtual_size": .integer(size), "physical_utilisation": .integer(size), "type": .string(type),
                "managed": true, "allowed_operations": JSON(Toolstack.detachedDiskOperations),
            ])
        // On the usual storages the file is called as the disk's UUID.
        database.set(vdi, "location", vdi["uuid"])
        changeUsage(of: storage, by: size)
        return vdi
    }

    func makeSuspendImage(of vm: Row) throws(XAPIFailure) -> Row {
        let candidates = [
            database.find("SR", "suspend_SR", of: vm),
            database.find("host", "resident_on", of: vm).flatMap { database.find("SR", "suspend_image_sr", of: $0) },
            pool.flatMap { database.find("SR", "suspend_image_SR", of: $0) },
        ]
        guard let storage = candidates.compactMap({ $0 }).first else {
            throw XAPIFailure("VM_NO_SUSPEND_SR", vm.reference)
        }
        return try makeDisk(
            "Suspend image", on: storage.reference, size: memoryNeeded(by: vm), type: "suspend")
    }

    /// Destroys a disk; drives that held it are left empty.
    func destroyDisk(_ vdi: Row) {
        for vbd in database.rows("VBD", "VBDs", of: vdi) {
            database.set(vbd, "VDI", .string(Reference.null))
            if vbd.text("type") == "CD" { database.set(vbd, "empty", true) }
        }
        changeUsage(of: vdi.text("SR"), by: -vdi.integer("physical_utilisation"))
        database.destroy(vdi)
    }

    func destroyDevice(_ device: Row, metrics: String) {
        if let row = database.find(metrics, "metrics", of: device) { database.destroy(row) }
        let vdi = database.find("VDI", "VDI", of: device)
        database.destroy(device)
        if let vdi { updateDisk(vdi) }
    }

    // MARK: Making

    private func createVDI(_ call: Call) throws -> Outcome {
        let given = call.arguments[0].object ?? [:]
        let storage = try database.row("SR", given["SR"]?.string ?? "")
        guard storage.references("PBDs").isEmpty == false else {
            throw XAPIFailure("SR_HAS_NO_PBDS", storage.reference)
        }
        let vdi = try createPlain(call)
        // Images grow in blocks of two megabytes.
        let block: Int64 = 2 << 20
        let wanted = vdi.integer("virtual_size")
        guard wanted > 0, wanted < Int64.max - block else {
            database.destroy(vdi)
            throw XAPIFailure("INVALID_VALUE", "virtual_size", String(wanted))
        }
        database.set(vdi, "virtual_size", .integer((wanted + block - 1) / block * block))
        database.set(vdi, "location", vdi["uuid"])
        database.set(vdi, "managed", true)
        database.set(vdi, "allowed_operations", JSON(Toolstack.detachedDiskOperations))
        changeUsage(of: storage.reference, by: vdi.integer("physical_utilisation"))
        return .reference(vdi)
    }

    private func createVBD(_ call: Call) throws -> Outcome {
        let given = call.arguments[0].object ?? [:]
        let vm = try database.row("VM", given["VM"]?.string ?? "")
        let isCD = given["type"]?.string?.lowercased() == "cd"
        let isEmpty = given["empty"]?.bool == true
        if isCD, given["mode"]?.string?.lowercased() != "ro" { throw XAPIFailure("VBD_CDS_MUST_BE_READONLY") }
        if isEmpty, !isCD { throw XAPIFailure("VBD_NOT_REMOVABLE_MEDIA", "in constructor") }
        if !isEmpty {
            let vdi = try database.row("VDI", given["VDI"]?.string ?? "")
            if vdi.flag("read_only"), given["mode"]?.string?.lowercased() == "rw" {
                throw XAPIFailure("VDI_READONLY", vdi.reference)
            }
        }
        let taken = Set(database.rows("VBD", "VBDs", of: vm).map { $0.text("userdevice") })
        let device = try freeDevice(given["userdevice"]?.string ?? "", taken: taken, limit: 255)
        let vbd = try createPlain(call)
        database.set(vbd, "userdevice", .string(device))
        if isEmpty { database.set(vbd, "VDI", .string(Reference.null)) }
        try addMetrics("VBD_metrics", to: vbd)
        updateDevices(of: vm)
        return .reference(vbd)
    }

    private func createVIF(_ call: Call) throws -> Outcome {
        let given = call.arguments[0].object ?? [:]
        let vm = try database.row("VM", given["VM"]?.string ?? "")
        _ = try database.row("network", given["network"]?.string ?? "")
        let taken = Set(database.rows("VIF", "VIFs", of: vm).map { $0.text("device") })
        let device = try freeDevice(given["device"]?.string ?? "", taken: taken, limit: 16)
        let wanted = given["MAC"]?.string ?? ""
        guard wanted.isEmpty || Toolstack.isMAC(wanted) else { throw XAPIFailure("MAC_INVALID", wanted) }
        let vif = try createPlain(call)
        database.set(vif, "device", .string(device))
        if wanted.isEmpty {
            database.set(vif, "MAC", .string(makeMAC()))
            database.set(vif, "MAC_autogenerated", true)
        }
        try addMetrics("VIF_metrics", to: vif)
        updateDevices(of: vm)
        return .reference(vif)
    }

    private func freeDevice(_ wanted: String, taken: Set<String>, limit: Int) throws(XAPIFailure) -> String {
        if wanted == "autodetect", let free = (0..<limit).lazy.map(String.init).first(where: { !taken.contains($0) }) {
            return free
        }
        guard let number = Int(wanted), (0..<limit).contains(number) else {
            throw XAPIFailure("INVALID_DEVICE", wanted)
        }
        guard !taken.contains(wanted) else { throw XAPIFailure("DEVICE_ALREADY_EXISTS", wanted) }
        return wanted
    }

    func addMetrics(_ className: String, to device: Row) throws(XAPIFailure) {
        let metrics = try create(className, ["last_updated": .string(Timestamp.now)])
        database.set(device, "metrics", .string(metrics.reference))
    }

    /// A locally administered unicast address.
    func makeMAC() -> String {
        let bits = random.next()
        return (0..<6).map { index in
            var byte = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index))
            if index == 0 { byte = byte & 0xFC | 0x02 }
            return byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }.joined(separator: ":")
    }

    private static func isMAC(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 6 && parts.allSatisfy { $0.count == 2 && UInt8($0, radix: 16) != nil }
    }
}
