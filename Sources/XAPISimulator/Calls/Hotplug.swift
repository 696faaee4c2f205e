import XOJSON

/// Plugging devices into running VMs, and discs into drives.
extension Toolstack {
    static let hotplugCalls: [String: Handler] = [
        "VBD.plug": { try $0.plug($1, "VBD", true) },
        "VBD.unplug": { try $0.plug($1, "VBD", false) },
        "VBD.unplug_force": { try $0.plug($1, "VBD", false) },
        "VBD.insert": { toolstack, call in
            let (drive, vm) = try toolstack.drive(call)
            guard drive.flag("empty") else { throw XAPIFailure("VBD_NOT_EMPTY", drive.reference) }
            let disc = try toolstack.database.row("VDI", call.text(1))
            toolstack.database.set(drive, "VDI", .string(disc.reference))
            toolstack.database.set(drive, "empty", false)
            toolstack.updateDevices(of: vm)
            return .void
        },
        "VBD.eject": { toolstack, call in
            let (drive, vm) = try toolstack.drive(call)
            guard !drive.flag("empty") else { throw XAPIFailure("VBD_IS_EMPTY", drive.reference) }
            toolstack.database.set(drive, "VDI", .string(Reference.null))
            toolstack.database.set(drive, "empty", true)
            toolstack.updateDevices(of: vm)
            return .void
        },
        "VIF.plug": { try $0.plug($1, "VIF", true) },
        "VIF.unplug": { try $0.plug($1, "VIF", false) },
        "VIF.unplug_force": { try $0.plug($1, "VIF", false) },
        "VIF.move": { toolstack, call in
            let card = try toolstack.database.row("VIF", call.text(0))
            let network = try toolstack.database.row("network", call.text(1))
            toolstack.database.set(card, "network", .string(network.reference))
            return .void
        },
    ]

    private func plug(_ call: Call, _ className: String, _ isPlugged: Bool) throws -> Outcome {
        let device = try database.row(className, call.text(0))
        let vm = try database.row("VM", device.text("VM"))
        let state = powerState(of: vm)
        guard state == .running else {
            throw XAPIFailure("VM_BAD_POWER_STATE", vm.reference, "running", state.rawValue.lowercased())
        }
        guard device.flag("currently_attached") != isPlugged else {
            throw XAPIFailure(
                isPlugged ? "DEVICE_ALREADY_ATTACHED" : "DEVICE_ALREADY_DETACHED", device.reference)
        }
        let isEmulated = vm.text("domain_type") == "hvm"
        if className == "VBD", isEmulated, device.text("type") == "CD" {
            throw XAPIFailure("VBD_NOT_UNPLUGGABLE", device.reference)
        }
        guard !isEmulated || hasDrivers(database.find("VM_guest_metrics", "guest_metrics", of: vm)) else {
            throw XAPIFailure("VM_MISSING_PV_DRIVERS", vm.reference)
        }
        database.set(device, "currently_attached", .bool(isPlugged))
        if className == "VBD" {
            let name = isPlugged ? Toolstack.deviceName(device.text("userdevice")) : ""
            database.set(device, "device", .string(name))
        }
        updateDevices(of: vm)
        return .void
    }

    private func drive(_ call: Call) throws -> (drive: Row, vm: Row) {
        let drive = try database.row("VBD", call.text(0))
        let vm = try database.row("VM", drive.text("VM"))
        guard drive.text("type") == "CD" else { throw XAPIFailure("VBD_NOT_REMOVABLE_MEDIA", drive.reference) }
        if powerState(of: vm) == .suspended {
            throw XAPIFailure("VM_BAD_POWER_STATE", vm.reference, "halted, running, paused", "suspended")
        }
        return (drive, vm)
    }
}
