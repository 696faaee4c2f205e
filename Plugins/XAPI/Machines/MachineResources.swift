import XAPIPool
import XOJSON
import XOPluginAPI

/// Memory and processors of a VM. XenServer refuses whatever breaks the order of their limits for a moment, so limits that
/// are in the way are moved along.
struct MachineResources {
    static let names: Set<String> = ["CPUs", "cpusMax", "memory", "memoryMin", "memoryMax", "memoryStaticMax"]

    /// What all but the first of them may be.
    static let size: ParameterSchema = .schema(["type": ["integer", "string"], "optional": true])

    let machine: Pool

    func apply(_ parameters: JSON) async throws {
        let record = try await machine.ask("VM.get_record", .string(machine.ref))
        try await setProcessors(parameters, record)
        try await setMemory(parameters, record)
    }

    // MARK: Processors

    private func setProcessors(_ parameters: JSON, _ record: JSON) async throws {
        let (present, most) = (Self.number(record["VCPUs_at_startup"]), Self.number(record["VCPUs_max"]))
        let count = try Self.count(parameters["CPUs"], "CPUs")
        let limit = try Self.count(parameters["cpusMax"], "cpusMax") ?? max(most, count ?? 0)
        guard count != nil || parameters["cpusMax"] != nil else { return }
        let wanted = min(count ?? present, limit)
        if record["power_state"] == "Running" {
            guard limit == most else {
                throw MethodError.vmBadPowerState(objectID: machine.id, expected: "halted", actual: "running")
            }
            if wanted != present { try await machine.call("VM.set_VCPUs_number_live", .integer(wanted)) }
            return
        }
        // Upwards the limit comes first, downwards last.
        if limit > most { try await machine.call("VM.set_VCPUs_max", .integer(limit)) }
        if wanted != present { try await machine.call("VM.set_VCPUs_at_startup", .integer(wanted)) }
        if limit < most { try await machine.call("VM.set_VCPUs_max", .integer(limit)) }
    }

    private static func count(_ value: JSON?, _ name: String) throws -> Int64? {
        guard let value else { return nil }
        guard let count = value.integer ?? value.string.flatMap({ Int64($0) }), count > 0 else {
            throw MethodError.invalidParameters("invalid parameters: `\(name)` is no number of processors")
        }
        return count
    }

    /// XenServer's integers are texts in some versions.
    private static func number(_ value: JSON?) -> Int64 { value?.integer ?? value?.string.flatMap { Int64($0) } ?? 0 }

    // MARK: Memory

    private struct Limits: Equatable {
        var staticMinimum, dynamicMinimum, dynamicMaximum, staticMaximum: Int64
    }

    private func setMemory(_ parameters: JSON, _ record: JSON) async throws {
        let present = Limits(
            staticMinimum: Self.number(record["memory_static_min"]),
            dynamicMinimum: Self.number(record["memory_dynamic_min"]),
            dynamicMaximum: Self.number(record["memory_dynamic_max"]),
            staticMaximum: Self.number(record["memory_static_max"]))
        var wanted = present
        func size(_ name: String) throws -> Int64? {
            try parameters[name].map { try ByteSize.bytes($0, name) }
        }
        if let size = try size("memoryStaticMax") {
            wanted.staticMaximum = size
            wanted.dynamicMaximum = min(wanted.dynamicMaximum, size)
        }
        if let size = try size("memoryMax") ?? size("memory") {
            wanted.dynamicMaximum = size
            wanted.staticMaximum = max(wanted.staticMaximum, size)
        }
        if let size = try size("memoryMin") ?? size("memory") {
            wanted.dynamicMinimum = size
            wanted.dynamicMaximum = max(wanted.dynamicMaximum, size)
            wanted.staticMaximum = max(wanted.staticMaximum, size)
        }
        wanted.dynamicMinimum = min(wanted.dynamicMinimum, wanted.dynamicMaximum)
        wanted.staticMinimum = min(wanted.staticMinimum, wanted.dynamicMinimum)
        guard wanted != present else { return }
        let isStatic = (wanted.staticMinimum, wanted.staticMaximum) == (present.staticMinimum, present.staticMaximum)
        if isStatic {
            return try await machine.run(
                "VM.set_memory_dynamic_range", .integer(wanted.dynamicMinimum), .integer(wanted.dynamicMaximum))
        }
        guard record["power_state"] != "Running" else {
            throw MethodError.failed(
                "a running VM can have \(present.staticMinimum) to \(present.staticMaximum) bytes of memory; beyond that it "
                    + "has to be halted")
        }
        try await machine.run(
            "VM.set_memory_limits", .integer(wanted.staticMinimum), .integer(wanted.staticMaximum),
            .integer(wanted.dynamicMinimum), .integer(wanted.dynamicMaximum))
    }
}
