import XOJSON

/// XenServer's errors in sentences for people, with the names of what they are about.
///
/// Clients read the code; the sentence is for whoever sees the error. Codes that are not here speak for themselves, or are
/// met too rarely.
enum ErrorSentences {
    /// - Parameter parameters: the error's, with names in the place of references.
    static func sentence(for code: String, _ parameters: [String]) -> String? {
        func name(_ index: Int) -> String { index < parameters.count ? parameters[index] : "?" }
        func size(_ index: Int) -> String { Int64(name(index)).map(bytes) ?? name(index) }
        return switch code {
        // VMs
        case "VM_REQUIRES_SR": "\(name(0)) has disks on \(name(1)), which the host cannot reach"
        case "VM_REQUIRES_NETWORK": "\(name(0)) is connected to \(name(1)), in which the host is not"
        case "VM_REQUIRES_GPU": "\(name(0)) needs a GPU of \(name(1)), of which none is free"
        case "VM_IS_IMMOBILE": "\(name(0)) cannot be moved: it is set so, or uses nested virtualisation"
        case "VM_HAS_PCI_ATTACHED": "\(name(0)) has devices of its host, which cannot go with it"
        case "VM_HAS_VUSBS": "\(name(0)) has USB devices of its host, which cannot go with it"
        case "VM_HAS_NO_SUSPEND_VDI": "what \(name(0)) had in its memory is gone; shut it down by force"
        case "VM_NO_SUSPEND_SR": "there is no storage to keep the memory of \(name(0)) on; set one for the pool"
        case "VM_IS_SNAPSHOT": "\(name(0)) is a snapshot, with which \(name(1)) is not possible"
        case "VM_IS_PROTECTED": "\(name(0)) is protected by high availability; end that first"
        case "VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT": "\(name(0)) does not answer when it is asked to shut down"
        case "VM_SHUTDOWN_TIMEOUT": "\(name(0)) has not shut down within \(name(1)) seconds"
        case "VM_CANNOT_DELETE_DEFAULT_TEMPLATE": "default templates are not deleted unless that is forced"
        case "VM_HOST_INCOMPATIBLE_VERSION": "the host is older than the one that \(name(0)) runs on"
        case "MEMORY_CONSTRAINT_VIOLATION_ORDER":
            "limits of memory have to rise from static minimum over dynamic minimum and maximum to static maximum"
        case "MAC_INVALID": "\(name(0)) is no MAC address"
        case "OTHER_OPERATION_IN_PROGRESS":
            "\(name(1)) is busy" + (parameters.count > 2 ? " with \(name(2))" : "") + "; try again when that is over"
        case "TASK_CANCELLED": "somebody has cancelled it"
        case "TOO_MANY_PENDING_TASKS": "the pool has too much to do; try again later"
        // Hosts
        case "HOST_NOT_ENOUGH_FREE_MEMORY":
            parameters.count > 1
                ? "no host has enough free memory: \(size(0)) are needed, \(size(1)) are free"
                : "no other host has enough free memory for \(name(0))"
        case "HOST_DISABLED": "\(name(0)) takes no VMs at present: it is disabled"
        case "HOST_DISABLED_UNTIL_REBOOT": "\(name(0)) takes no VMs until it is restarted"
        case "HOST_NOT_LIVE": "the host does not answer"
        case "HOST_STILL_BOOTING": "the host is still starting"
        case "HOST_NOT_DISABLED": "the host has to be disabled first"
        case "HOST_IN_USE": "\(name(0)) is still used by \(name(2))"
        case "HOST_HAS_RESIDENT_VMS": "VMs still run on \(name(0))"
        case "CANNOT_CONTACT_HOST": "the pool's master cannot reach \(name(0))"
        case "HOSTS_NOT_COMPATIBLE", "VM_INCOMPATIBLE_WITH_THIS_HOST": "the hosts' processors are too different"
        case "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN":
            "after that the pool could not start all protected VMs again when a host fails"
        // Storage
        case "SR_FULL": "the storage is full: \(size(0)) are needed, \(size(1)) are free"
        case "SR_HAS_NO_PBDS": "\(name(0)) is connected to no host"
        case "SR_HAS_PBD": "\(name(0)) is still connected to hosts; disconnect it first"
        case "SR_NOT_EMPTY": "\(name(0)) still holds disks"
        case "SR_OPERATION_NOT_SUPPORTED": "storages of the kind of \(name(0)) cannot do this"
        case "SR_BACKEND_FAILURE_44": "the storage has not enough room"
        case "SR_BACKEND_FAILURE_79": "a disk cannot become smaller"
        case let code where code.hasPrefix("SR_BACKEND_FAILURE_"): "the storage says: \(name(1))"
        case "VDI_READONLY": "\(name(0)) can only be read"
        case "VDI_MISSING": "the disk \(name(1)) is missing in \(name(0))"
        case "VDI_NOT_MANAGED": "\(name(0)) belongs to other disks and is not to be touched"
        // Devices
        case "DEVICE_ALREADY_EXISTS": "the VM has something at the place \(name(0)) already"
        case "DEVICE_ALREADY_ATTACHED": "it is plugged already"
        case "DEVICE_ALREADY_DETACHED": "it is not plugged"
        case "DEVICE_DETACH_REJECTED", "DEVICE_DETACH_TIMEOUT":
            "the VM does not let go of it; its system may be using it"
        case "INVALID_DEVICE": "\(name(0)) is no place for a device"
        case "VBD_NOT_EMPTY": "there is a disc in the drive"
        case "VBD_IS_EMPTY": "there is no disc in the drive"
        case "VBD_NOT_UNPLUGGABLE": "this drive stays until the VM is shut down"
        case "NETWORK_CONTAINS_VIF": "VMs are still connected to the network"
        case "PIF_IS_MANAGEMENT_INTERFACE": "the host is managed through this interface"
        // Rights
        case "RBAC_PERMISSION_DENIED": "the user by whom the pool is connected may not do this there (\(name(0)))"
        case "HANDLE_INVALID", "UUID_INVALID": "there is no such \(name(0)) any more"
        case "NOT_IMPLEMENTED", "MESSAGE_METHOD_UNKNOWN": "this server does not know \(name(0))"
        case "LICENCE_RESTRICTION": "the pool's licence does not allow \(name(0))"
        default: nil
        }
    }

    /// In units of 1024, with one decimal.
    private static func bytes(_ size: Int64) -> String {
        var (value, unit) = (Double(size), 0)
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10)" + (tenths % 10 == 0 ? "" : ".\(tenths % 10)") + " \(units[unit])"
    }
}
