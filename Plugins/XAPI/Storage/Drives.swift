import XAPIPool
import XOJSON
import XOPluginAPI

/// How a disk is to hang on a VM.
struct DriveRequest {
    let isBootable: Bool
    let isReadOnly: Bool
    /// A number; `nil`: the first that is free.
    let position: String?

    /// Of the parameters `bootable`, `mode` and `position`.
    init(_ parameters: JSON) {
        isBootable = parameters["bootable"]?.bool ?? false
        isReadOnly = parameters["mode"]?.string?.uppercased() == "RO"
        position = parameters["position"].flatMap { $0.string ?? $0.integer.map { "\($0)" } }
    }
}

extension Pool {
    /// Makes a drive of this VM that holds a disk, and plugs it if the VM runs.
    @discardableResult
    func attach(_ disk: Pool, _ request: DriveRequest) async throws -> Pool {
        let drive = try await makeDrive([
            "VDI": .string(disk.ref), "type": "Disk", "mode": request.isReadOnly ? "RO" : "RW",
            "bootable": .bool(request.isBootable), "userdevice": .string(request.position ?? "autodetect"),
            "empty": false,
        ])
        if await connection.value(of: "power_state", in: ref) == "Running" { try await drive.run("VBD.plug") }
        return drive
    }

    func makeDrive(_ more: JSONObject) async throws -> Pool {
        var record: JSONObject = [
            "VM": .string(ref), "other_config": [:], "qos_algorithm_type": "", "qos_algorithm_params": [:],
            "unpluggable": true,
        ]
        record.merge(more) { $1 }
        return try await make("VBD", record)
    }

    /// Takes this drive off its VM; what it holds stays.
    func releaseDrive() async throws {
        if await connection.value(of: "currently_attached", in: ref) == true,
            let machine = await connection.value(of: "VM", in: ref)?.string,
            await connection.value(of: "power_state", in: machine) == "Running"
        {
            try await run("VBD.unplug")
        }
        try await run("VBD.destroy")
    }
}
