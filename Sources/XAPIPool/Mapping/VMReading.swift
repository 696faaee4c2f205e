import XOJSON

/// The properties of a VM that need some thought.
enum VMReading {
    @Sendable static func type(_ source: Source) -> String {
        // Snapshots are templates, too, for XenServer: the order matters.
        if source.isTrue("is_control_domain") { return "VM-controller" }
        if source.isTrue("is_a_snapshot") || source.follow("snapshot_of") != nil { return "VM-snapshot" }
        return source.isTrue("is_a_template") ? "VM-template" : "VM"
    }

    /// `0/0000:04:00.0,1/0000:05:00.0`: an index and an address for each device.
    static func attachedPCIs(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).compactMap { device in
            let parts = device.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count > 1 ? String(parts[1]) : nil
        }
    }

    @Sendable static func processors(_ source: Source) -> JSON? {
        let atStartup = source["VCPUs_at_startup"]?.json ?? .null
        var number = atStartup
        // Without tools in the guest its count of processors is not believed.
        if source.type != "VM-template", GuestTools(source)?.areKnown == true {
            number = source.metrics?["VCPUs_number"]?.json ?? .null
        }
        return ["max": source["VCPUs_max"]?.json ?? .null, "number": number]
    }

    @Sendable static func memory(_ source: Source) -> JSON? {
        func bytes(_ field: String) -> JSON { source[field]?.number.map { JSON($0) } ?? .null }
        var memory: JSONObject = [
            "dynamic": [bytes("memory_dynamic_min"), bytes("memory_dynamic_max")],
            "static": [bytes("memory_static_min"), bytes("memory_static_max")],
        ]
        let guest = source.guestMetrics?["memory"]
        if source.isRunning, let used = guest?.member("used") {
            memory["size"] = guest?.member("total")?.number.map { JSON($0) } ?? .null
            memory["usage"] = used.json
        } else if source.isRunning, let actual = source.metrics?["memory_actual"]?.number {
            memory["size"] = JSON(actual)
        } else {
            memory["size"] = bytes("memory_dynamic_max")
        }
        return .object(memory)
    }

    /// What was noted when the VM was made, under a key that a copy of the VM does not take over.
    @Sendable static func creation(_ source: Source) -> JSON? {
        guard let text = source.text("xo:\(source.record.uuid.prefix(8))", of: "other_config") else { return nil }
        return (try? JSON(parsing: text))?["creation"]
    }

    /// Where the VM is: on its host, on the only host that sees its disks, or somewhere in the pool.
    @Sendable static func container(_ source: Source) -> JSON? {
        if let host = source.string("resident_on"), host.hasPrefix("OpaqueRef:"), host != "OpaqueRef:NULL" {
            return source.cache[host].map { .string($0.uuid) }
        }
        let cache = source.cache
        for disk in source["VBDs"]?.strings ?? [] {
            guard let storage = cache.follow("SR", of: cache.follow("VDI", of: cache[disk])),
                storage["shared"]?.isTruthy != true,
                let host = cache.follow("host", of: storage.firstPBD(in: cache))
            else { continue }
            return .string(host.uuid)
        }
        return cache.pool.map { .string($0.uuid) }
    }

    /// What the container monitor of a guest has put down, as XML.
    @Sendable static func containers(_ source: Source) -> JSON? {
        guard let monitor = source.text("xscontainer-monitor", of: "other_config"), !monitor.isEmpty else {
            return nil
        }
        guard monitor != "False" else { return ["enabled": false] }
        func part(_ key: String) -> XMLElement? {
            source.text(key, of: "other_config").flatMap(XMLElement.init(parsing:))
        }
        let processes = part("docker_ps")
        var docker: JSONObject = ["enabled": true]
        docker["info"] = part("docker_info")?.json
        docker["containers"] = .array(processes?.children.filter { $0.name == "item" }.map(\.json) ?? [])
        docker["process"] = processes?.json
        docker["version"] = part("docker_version")?.json
        return .object(docker)
    }

    /// The kinds of firmware that a guest must not be started with.
    ///
    /// `recommendations` is a kilobyte of XML on every VM, of which nothing else is of interest.
    @Sendable static func unsupportedFirmware(_ recommendations: RawJSON) -> JSON {
        guard recommendations.holds("supports-"), let text = recommendations.string,
            let document = XMLElement(parsing: text)
        else { return [] }
        return JSON(
            document.descendants(named: "restriction").compactMap { restriction in
                guard let field = restriction.attribute("field"), field.hasPrefix("supports-"),
                    restriction.attribute("value") == "no"
                else { return nil }
                return String(field.dropFirst("supports-".count))
            })
    }

    @Sendable static func templateInfo(_ source: Source) -> JSON? {
        var info: JSONObject = [:]
        info["arch"] = source.entry("install-arch", of: "other_config")?.json
        let disks = source.text("disks", of: "other_config").flatMap(XMLElement.init(parsing:))
        info["disks"] = .array(disks?.children.filter { $0.name == "disk" }.map(templateDisk) ?? [])
        let methods = source.text("install-methods", of: "other_config") ?? ""
        info["install_methods"] = JSON(methods.split(separator: ",").map(String.init))
        info["install_repository"] = source.entry("install-repository", of: "other_config")?.json
        return .object(info)
    }

    private static func templateDisk(_ element: XMLElement) -> JSON {
        var disk: JSONObject = [:]
        for (name, value) in element.attributes {
            switch name {
            case "bootable": disk["bootable"] = .bool(value == "true")
            case "size": disk["size"] = Double(value).map { JSON($0) } ?? .null
            case "sr": disk["SR"] = .string(value)
            default: disk[name] = .string(value)
            }
        }
        return .object(disk)
    }
}

extension Record {
    /// Of an SR: its first connection to a host.
    func firstPBD(in cache: RecordCache) -> Record? { cache[self["PBDs"]?.strings.first] }
}
