import XAPIPool
import XOJSON
import XOPluginAPI

/// `vm.set`
struct MachineSettings {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] {
        [
            Method(
                "vm.set", "Changes settings of a VM, a snapshot or a template.", permission: .user,
                parameters: (["id": .string] as MethodParameters).adding(Self.parameters),
                objects: [
                    "id": ObjectParameter(types: ["VM", "VM-snapshot", "VM-template"], right: .administrate),
                    "suspendSr": ObjectParameter(types: ["SR"], right: .administrate),
                ]
            ) { [registry] (parameters: JSON, call) in
                let (pool, _) = try await registry.writable("vm.set", call)
                try await apply((parameters.object ?? [:]).filter { $0.key != "id" }, to: pool, call)
            }
        ]
    }

    func apply(_ settings: JSONObject, to pool: Pool, _ call: Call) async throws {
        for (name, value) in settings where !MachineResources.names.contains(name) {
            if name == "cpuWeight", call.caller.permission != .admin { throw MethodError.unauthorized() }
            for write in try await writes(name, value, pool, call) { try await pool.apply(write) }
        }
        if MachineResources.names.contains(where: { settings[$0] != nil }) {
            try await MachineResources(machine: pool).apply(.object(settings))
        }
    }

    static let names = Set(parameters.names)

    /// Without the VM.
    static let parameters: MethodParameters = [
        "auto_poweron": .boolean.optional,
        "name_label": .string.optional,
        "name_description": .string.allowingEmpty.optional,
        "notes": .schema(["type": ["string", "null"], "maxLength": 2048, "optional": true]),
        "high_availability": .oneOf(["best-effort", "restart", ""]).optional,
        "PV_args": .string.optional,
        "CPUs": .integer.optional,
        "cpusMax": MachineResources.size,
        "memory": MachineResources.size,
        "memoryMin": MachineResources.size,
        "memoryMax": MachineResources.size,
        "memoryStaticMax": MachineResources.size,
        "cpuMask": .array(.integer).optional,
        "cpuWeight": .integer.nullable.optional,
        "cpuCap": .integer.nullable.optional,
        "affinityHost": .string.nullable.optional,
        "vga": .string.optional,
        "videoram": .number.optional,
        "coresPerSocket": .schema(["type": ["string", "number", "null"], "optional": true]),
        "hasVendorDevice": .boolean.optional,
        "expNestedHvm": .boolean.optional,
        "nestedVirt": .boolean.optional,
        "startDelay": .integer.optional,
        "secureBoot": .boolean.optional,
        "nicType": .string.nullable.optional,
        "hvmBootFirmware": .string.nullable.optional,
        "viridian": .boolean.optional,
        "blockedOperations": .schema([
            "type": "object", "additionalProperties": ["type": ["boolean", "null", "string"]], "optional": true,
        ]),
        "suspendSr": .string.nullable.optional,
        "uefiMode": .oneOf(["setup", "user"]).optional,
        "xenStoreData": .schema([
            "type": "object", "additionalProperties": ["type": ["null", "string"]], "optional": true,
        ]),
    ]

    /// What to write for one parameter.
    private func writes(_ name: String, _ value: JSON, _ pool: Pool, _ call: Call) async throws -> [MachineWrite] {
        /// Truth in maps is the word `true`.
        func flag(_ map: String, _ key: String) -> [MachineWrite] {
            [.entry(map, key, value.bool == true ? "true" : nil)]
        }
        func text(_ map: String, _ key: String) -> [MachineWrite] {
            [.entry(map, key, value.isNull ? nil : value.string ?? value.description)]
        }
        switch name {
        case "name_label", "name_description", "PV_args": return [.field(name, value)]
        case "high_availability": return [.field("ha_restart_priority", value)]
        case "startDelay": return [.field("start_delay", value)]
        case "hasVendorDevice": return [.field("has_vendor_device", value)]
        case "affinityHost":
            guard let id = value.string else { return [.field("affinity", .string(nullReference))] }
            guard let host = await pool.connection.ref(of: id, class: "host") else {
                throw MethodError.noSuchObject(id: id, type: "host")
            }
            return [.field("affinity", .string(host))]
        case "suspendSr": return [.field("suspend_SR", call.object(name)?["_xapiRef"] ?? .string(nullReference))]
        case "uefiMode": return [.message("set_uefi_mode", value)]
        case "auto_poweron":
            // A VM is started with its host only if the pool allows it.
            return flag("other_config", "auto_poweron") + (value.bool == true ? [.autoStartOfPool] : [])
        case "notes": return text("other_config", "xo:notes")
        case "cpuWeight": return text("VCPUs_params", "weight")
        case "cpuCap": return text("VCPUs_params", "cap")
        case "cpuMask":
            let mask = (value.array ?? []).map(\.description).joined(separator: ",")
            return [.entry("VCPUs_params", "mask", mask.isEmpty ? nil : mask)]
        case "coresPerSocket": return text("platform", "cores-per-socket")
        case "vga", "videoram": return text("platform", name)
        case "nicType": return text("platform", "nic_type")
        case "expNestedHvm": return flag("platform", "exp-nested-hvm")
        case "nestedVirt": return flag("platform", "nested-virt")
        case "secureBoot": return flag("platform", "secureboot")
        case "viridian": return flag("platform", "viridian")
        case "hvmBootFirmware": return text("HVM_boot_params", "firmware")
        case "blockedOperations":
            return (value.object ?? [:]).map { operation, reason in
                .entry("blocked_operations", operation, reason.string ?? (reason.bool == true ? "true" : nil))
            }
        case "xenStoreData": return (value.object ?? [:]).map { .entry("xenstore_data", $0, $1.string) }
        default: throw MethodError.invalidParameters("vm.set does not know \(name)")
        }
    }
}

/// One change of a VM's record.
private enum MachineWrite {
    case field(String, JSON)
    /// Of a map; `nil` removes the entry.
    case entry(String, String, String?)
    /// A call of its own.
    case message(String, JSON)
    case autoStartOfPool
}

extension Pool {
    /// Writes what is different.
    fileprivate func apply(_ write: MachineWrite) async throws {
        switch write {
        case .field(let field, let value):
            guard await connection.value(of: field, in: ref) != value else { return }
            try await call("VM.set_\(field)", value)
        case .entry(let map, let key, let value):
            try await setEntry(key, of: map, class: "VM", to: value)
        case .message(let message, let value): try await call("VM.\(message)", value)
        case .autoStartOfPool:
            guard let pool = await connection.poolRef else { return }
            try await object(pool, id: "").setEntry("auto_poweron", of: "other_config", class: "pool", to: "true")
        }
    }

    /// Sets an entry of a map. There is no call that replaces one; if somebody else is faster, once more.
    func setEntry(_ key: String, of map: String, class className: String, to value: String?) async throws {
        let current = await connection.value(of: map, in: ref)?[key]?.string
        guard current != value else { return }
        for attempt in 1... {
            if current != nil || attempt > 1 { try await call("\(className).remove_from_\(map)", .string(key)) }
            guard let value else { return }
            do {
                return try await call("\(className).add_to_\(map)", .string(key), .string(value))
            } catch let error as MethodError where error.data?["code"] == "MAP_DUPLICATE_KEY" && attempt < 3 {
                continue
            }
        }
    }
}
