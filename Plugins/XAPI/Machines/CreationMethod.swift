import XAPIPool
import XOJSON
import XOPluginAPI

/// `vm.create`
struct CreationMethod {
    private let registry: ServerRegistry
    private let settings: MachineSettings
    private let log: Log

    init(_ registry: ServerRegistry, _ log: Log) {
        self.registry = registry
        self.log = log
        settings = MachineSettings(registry)
    }

    var all: [Method] { [create] }

    /// What is still to come. Better refused than left out without a word.
    private static let missing = [
        "cloudConfig", "networkConfig", "coreOs", "createVtpm", "vgpuType", "gpuGroup", "resourceSet",
        "copyHostBiosStrings", "acls", "destroyCloudConfigVdiAfterBoot", "share",
    ]

    private static let parameters: MethodParameters = {
        var parameters: MethodParameters = [
            "template": .string, "name_label": .string, "name_description": .string.allowingEmpty.optional,
            "clone": .boolean.default(true).described("Disks as differences to the template's; false: full copies."),
            "bootAfterCreate": .boolean.optional, "pv_args": .string.allowingEmpty.optional,
            "installation": .schema([
                "type": "object", "optional": true,
                "properties": ["method": ["type": "string"], "repository": ["type": "string"]],
            ]),
            "VIFs": .schema([
                "type": "array", "optional": true,
                "items": [
                    "type": "object", "additionalProperties": true,
                    "properties": ["network": ["type": "string"], "mac": ["type": "string", "optional": true]],
                ],
            ]),
            "VDIs": .schema([
                "type": "array", "optional": true,
                "items": [
                    "type": "object", "additionalProperties": true,
                    "properties": ["size": ["type": ["integer", "string"]], "SR": ["type": "string"]],
                ],
            ]),
            "existingDisks": .schema([
                "type": "object", "optional": true,
                "additionalProperties": ["type": "object", "additionalProperties": true],
            ]),
        ]
        for name in missing { parameters.add(name, .any.optional) }
        return parameters.adding(MachineSettings.parameters)
    }()

    private var create: Method {
        Method(
            "vm.create", "Makes a VM of a template; returns its id.", permission: .admin, parameters: Self.parameters,
            objects: ["template": ObjectParameter(types: ["VM-template"], right: .administrate)]
        ) { [registry, log] (parameters: JSON, call) in
            for name in Self.missing where parameters[name].map({ !$0.isNull && $0 != false }) ?? false {
                throw MethodError.failed("vm.create does not know how to use `\(name)` yet; leave it out")
            }
            let (template, _) = try await registry.writable("vm.create", call, "template")
            let machine = try await derive(template, parameters)
            do {
                try await fill(machine, parameters, call)
            } catch {
                // Half a VM is of no use to anybody.
                await Task { try? await machine.remove(withDisks: true) }.value
                throw error
            }
            if parameters["bootAfterCreate"]?.bool == true {
                Task {
                    do { try await machine.run("VM.start", false, false) } catch {
                        log.warning(
                            "A new VM could not be started.",
                            ["vm": .string(machine.id), "reason": .string("\(error)")])
                    }
                }
            }
            return JSON.string(machine.id)
        }
    }

    private func derive(_ template: Pool, _ parameters: JSON) async throws -> Pool {
        let name = parameters["name_label"] ?? ""
        return parameters["clone"]?.bool ?? true
            ? try await template.derive("VM", "VM.clone", name)
            : try await template.derive("VM", "VM.copy", name, .string(nullReference))
    }

    private func fill(_ machine: Pool, _ parameters: JSON, _ call: Call) async throws {
        // Disks are made here, not by what the template's description would have.
        try await machine.call("VM.remove_from_other_config", "disks")
        try await machine.run("VM.provision")
        var wanted = parameters.object ?? [:]
        for name in ["template", "id", "name_label"] { wanted[name] = nil }
        if let arguments = wanted["pv_args"] { wanted["PV_args"] = arguments }
        try await settings.apply(wanted.filter { MachineSettings.names.contains($0.key) }, to: machine, call)

        for interface in try await machine.ask("VM.get_VIFs", .string(machine.ref)).array?.compactMap(\.string) ?? [] {
            try await machine.object(interface, id: "").run("VIF.destroy")
        }
        for interface in parameters["VIFs"]?.array ?? [] { try await machine.addRequestedInterface(interface) }
        try await machine.adjustDisks(parameters["existingDisks"]?.object ?? [:])
        for disk in parameters["VDIs"]?.array ?? [] where disk["destroy"] != true {
            try await machine.addRequestedDisk(disk)
        }
        if let installation = parameters["installation"] { try await machine.install(installation) }
    }
}

extension Pool {
    /// An object of a class by its id, which has to be of this pool.
    fileprivate func required(_ className: String, _ id: JSON?) async throws -> Pool {
        guard let id = id?.string, let found = await relative(className, id) else {
            throw MethodError.noSuchObject(id: id?.string ?? "", type: className)
        }
        return found
    }

    fileprivate func addRequestedInterface(_ request: JSON) async throws {
        let network = try await required("network", request["network"])
        var settings: JSONObject = ["network": .string(network.ref), "MAC": request["mac"] ?? ""]
        for (name, field) in [("allowedIpv4Addresses", "ipv4_allowed"), ("allowedIpv6Addresses", "ipv6_allowed")] {
            guard let addresses = request[name]?.array, !addresses.isEmpty else { continue }
            settings[field] = .array(addresses)
            settings["locking_mode"] = "locked"
        }
        _ = try await addInterface(settings)
    }

    fileprivate func addRequestedDisk(_ request: JSON) async throws {
        let storage = try await required("SR", request["SR"])
        let disk = try await make(
            "VDI",
            [
                "name_label": request["name_label"] ?? "", "name_description": request["name_description"] ?? "",
                "SR": .string(storage.ref), "virtual_size": .integer(try ByteSize.bytes(request["size"], "VDIs.size")),
                "type": "user", "sharable": false, "read_only": false, "other_config": [:],
            ])
        try await attach(disk, DriveRequest(request))
    }

    /// Changes the disks that came from the template.
    ///
    /// - Parameter changes: by place on the VM.
    fileprivate func adjustDisks(_ changes: JSONObject) async throws {
        guard !changes.isEmpty else { return }
        for drive in try await ask("VM.get_VBDs", .string(ref)).array?.compactMap(\.string) ?? [] {
            let record = try await ask("VBD.get_record", .string(drive))
            guard record["type"] == "Disk", let change = record["userdevice"]?.string.flatMap({ changes[$0] }),
                let disk = record["VDI"]?.string
            else { continue }
            try await object(disk, id: "").adjustDisk(change)
        }
    }

    private func adjustDisk(_ change: JSON) async throws {
        if let wanted = change["$SR"] {
            let storage = try await required("SR", wanted)
            guard try await ask("VDI.get_SR", .string(ref)).string == storage.ref else {
                throw MethodError.failed(
                    "vm.create does not know how to put a template's disk on another storage yet; use vm.copy of the "
                        + "template first")
            }
        }
        if let wanted = change["size"] {
            let size = try ByteSize.bytes(wanted, "existingDisks.size")
            let value = try await ask("VDI.get_virtual_size", .string(ref))
            let present = value.integer ?? value.string.flatMap { Int64($0) } ?? 0
            guard size >= present else {
                throw MethodError.invalidParameters(
                    "invalid parameters: `existingDisks.size` is \(size); the template's disk has \(present) already")
            }
            if size > present { try await run("VDI.resize", .integer(size)) }
        }
        try await rename("VDI", change)
    }

    /// Has the VM start from what installs its system.
    fileprivate func install(_ installation: JSON) async throws {
        let (method, repository) = (installation["method"]?.string ?? "", installation["repository"])
        switch method {
        case "cd":
            let disc = try await required("VDI", repository)
            let record = try await ask("VM.get_record", .string(ref))
            var drive: Pool?
            for candidate in record["VBDs"]?.array?.compactMap(\.string) ?? [] {
                if try await ask("VBD.get_type", .string(candidate)) == "CD" { drive = object(candidate, id: "") }
            }
            if let drive {
                if try await ask("VBD.get_empty", .string(drive.ref)) != true { try await drive.run("VBD.eject") }
                try await drive.run("VBD.insert", .string(disc.ref))
            } else {
                _ = try await makeDrive([
                    "VDI": .string(disc.ref), "type": "CD", "mode": "RO", "bootable": true,
                    "userdevice": "autodetect", "empty": false,
                ])
            }
        case "network":
            let policy = try await ask("VM.get_HVM_boot_policy", .string(ref)).string ?? ""
            if policy.isEmpty {
                try await call("VM.remove_from_other_config", "install-repository")
                try await call("VM.add_to_other_config", "install-repository", repository ?? "")
            } else {
                let order = try await ask("VM.get_HVM_boot_params", .string(ref))["order"]?.string ?? "cd"
                try await call("VM.remove_from_HVM_boot_params", "order")
                try await call("VM.add_to_HVM_boot_params", "order", .string("n" + order.filter { $0 != "n" }))
            }
        default:
            throw MethodError.invalidParameters(
                "invalid parameters: `installation.method` is '\(method.prefix(20))'; expected cd or network")
        }
    }
}
