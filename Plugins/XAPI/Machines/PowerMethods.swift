import XAPIPool
import XOJSON
import XOPluginAPI

/// What turns VMs on and off.
struct PowerMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] { [start, stop, restart, pause, suspend, resume] }

    private static let target: KeyValuePairs<String, ObjectParameter> = [
        "id": ObjectParameter(types: ["VM"], right: .operate)
    ]

    private struct Start: Decodable {
        var id: String
        var force: Bool?
        var host: String?
        var bypassMacAddressesCheck: Bool?
    }

    private var start: Method {
        Method(
            "vm.start", "Starts a halted VM, goes on with a paused one, resumes a suspended one.", permission: .user,
            parameters: [
                "bypassMacAddressesCheck": .boolean.optional.described("Start even if a MAC address is in use."),
                "force": .boolean.optional.described("Start even if it is blocked or a MAC address is in use."),
                "host": .string.optional.described("Where to start it."),
                "id": .string,
            ],
            objects: [
                "id": ObjectParameter(types: ["VM"], right: .operate),
                "host": ObjectParameter(types: ["host"], right: .operate),
            ]
        ) { [registry] (parameters: Start, call) in
            let (pool, machine) = try await registry.writable("vm.start", call)
            let force = parameters.force ?? false
            switch machine["power_state"]?.string {
            case "Paused": return try await pool.run("VM.unpause")
            case "Suspended": return try await pool.run("VM.resume", false, .bool(force))
            default: break
            }
            if !force, parameters.bypassMacAddressesCheck != true,
                await pool.connection.hasDuplicatedMACAddress(pool.ref)
            {
                throw MethodError.operationFailed(objectID: pool.id, code: "DUPLICATED_MAC_ADDRESS")
            }
            do {
                try await pool.lifting(["start", "start_on"], of: machine, if: force) {
                    if let host = call.object("host")?["_xapiRef"] {
                        try await pool.run("VM.start_on", host, false, false)
                    } else {
                        try await pool.run("VM.start", false, false)
                    }
                }
            } catch let error as MethodError where error.code == 19 {
                throw MethodError.forbiddenOperation(
                    operation: "Start", reason: error.data?["code"]?.string ?? "blocked")
            }
        }
    }

    private struct Stop: Decodable {
        var id: String
        var force: Bool?
        var forceShutdownDelay: Double?
        var bypassBlockedOperation: Bool?
    }

    private var stop: Method {
        Method(
            "vm.stop", "Shuts a VM down: by its system, or hard.", permission: .user,
            parameters: [
                "id": .string,
                "force": .boolean.optional.described("Pull the plug."),
                "forceShutdownDelay": .number.default(0)
                    .described("Milliseconds after which a shutdown that does not come to an end is made hard."),
                "bypassBlockedOperation": .boolean.optional,
            ],
            objects: Self.target
        ) { [registry] (parameters: Stop, call) in
            let (pool, machine) = try await registry.writable("vm.stop", call)
            let force = parameters.force ?? false
            try await pool.lifting(
                ["clean_shutdown", "hard_shutdown"], of: machine, if: parameters.bypassBlockedOperation ?? force
            ) {
                if force { return try await pool.run("VM.hard_shutdown") }
                do {
                    try await pool.shutDown(hardAfterMilliseconds: parameters.forceShutdownDelay ?? 0)
                } catch let error as MethodError where error.code == 11 || error.code == 14 {
                    throw MethodError.invalidParameters("clean shutdown requires PV drivers")
                }
            }
        }
    }

    private struct Restart: Decodable {
        var id: String
        var force: Bool?
        var bypassBlockedOperation: Bool?
    }

    private var restart: Method {
        Method(
            "vm.restart", "Restarts a VM: by its system, or hard.", permission: .user,
            parameters: [
                "id": .string, "force": .boolean.optional.described("Pull the plug."),
                "bypassBlockedOperation": .boolean.optional,
            ],
            objects: Self.target
        ) { [registry] (parameters: Restart, call) in
            let (pool, machine) = try await registry.writable("vm.restart", call)
            let force = parameters.force ?? false
            try await pool.lifting(
                ["clean_reboot", "hard_reboot"], of: machine, if: parameters.bypassBlockedOperation ?? force
            ) {
                try await pool.run(force ? "VM.hard_reboot" : "VM.clean_reboot")
            }
        }
    }

    private struct Target: Decodable {
        var id: String
    }

    private var pause: Method {
        Method("vm.pause", "Lets a VM stand still; vm.start goes on with it.", permission: .user, objects: Self.target)
        {
            [registry] (parameters: Target, call) in
            try await registry.writable("vm.pause", call).pool.run("VM.pause")
        }
    }

    private var suspend: Method {
        Method("vm.suspend", "Saves the memory of a VM and turns it off.", permission: .user, objects: Self.target) {
            [registry] (parameters: Target, call) in
            try await registry.writable("vm.suspend", call).pool.run("VM.suspend")
        }
    }

    private var resume: Method {
        Method("vm.resume", "Goes on with a suspended VM.", permission: .user, objects: Self.target) {
            [registry] (parameters: Target, call) in
            try await registry.writable("vm.resume", call).pool.run("VM.resume", false, true)
        }
    }
}

extension Pool {
    /// Asks the VM's system to shut down, and pulls the plug if it takes longer than allowed; 0 waits as long as it
    /// takes.
    fileprivate func shutDown(hardAfterMilliseconds limit: Double) async throws {
        guard limit > 0 else { return try await run("VM.clean_shutdown") }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await run("VM.clean_shutdown")
                return true
            }
            group.addTask {
                try await Task.sleep(for: .milliseconds(Int64(min(limit, 86_400_000))))
                return false
            }
            defer { group.cancelAll() }
            if try await group.next() == true { return }
            // XenServer cancels the clean shutdown that is going on.
            try await run("VM.hard_shutdown")
        }
    }
}
