import Testing
import XOJSON

@testable import XAPIPool

@Suite struct MappingTests {
    private static let guest: [String: [String: JSON]] = [
        "VM": [
            "OpaqueRef:vm": [
                "uuid": "01234567-vm", "name_label": "web", "power_state": "Running", "resident_on": "OpaqueRef:host",
                "metrics": "OpaqueRef:m", "guest_metrics": "OpaqueRef:gm", "memory_dynamic_max": 4096,
                "memory_dynamic_min": 1024, "VCPUs_max": 4, "VCPUs_at_startup": 2, "HVM_boot_policy": "BIOS order",
                "HVM_boot_params": ["firmware": "uefi"], "VBDs": ["OpaqueRef:vbd", "OpaqueRef:unknown"],
                "recommendations": "<restrictions><restriction field=\"supports-uefi\" value=\"no\"/></restrictions>",
                "current_operations": ["OpaqueRef:task": "clean_shutdown", "OpaqueRef:gone": "start"],
                "other_config": [
                    "auto_poweron": "true", "xo:notes": "mind the gap", "pci": "0/0000:04:00.0,1/0000:05:00.0",
                    "xo:01234567": #"{"creation":{"user":"me"}}"#, "xo:resource_set": "\"set\"",
                ],
                "platform": ["cores-per-socket": "2", "videoram": "8", "device_id": "0002", "nested-virt": "true"],
                "VCPUs_params": ["mask": "0,2", "weight": "512"],
            ]
        ],
        "VM_metrics": [
            "OpaqueRef:m": [
                "uuid": "m", "memory_actual": 2048, "VCPUs_number": 3, "start_time": "20230305T18:18:29Z",
                "install_time": "19700101T00:00:00Z",
            ]
        ],
        "VM_guest_metrics": [
            "OpaqueRef:gm": [
                "uuid": "gm", "networks": ["0/ip": "10.0.0.1"], "os_version": ["name": "Debian"],
                "PV_drivers_version": [
                    "major": "9", "minor": "10", "micro": "1", "build": "7", "xenbus": "Citrix 9.1.2.14",
                ],
                "PV_drivers_detected": true, "PV_drivers_up_to_date": true, "other": [:],
            ]
        ],
        "VBD": ["OpaqueRef:vbd": ["uuid": "vbd", "VM": "OpaqueRef:vm", "VDI": "OpaqueRef:vdi", "device": ""]],
        "VDI": ["OpaqueRef:vdi": ["uuid": "vdi", "SR": "OpaqueRef:sr", "VBDs": ["OpaqueRef:vbd"]]],
        "SR": [
            "OpaqueRef:sr": [
                "uuid": "sr", "type": "ext", "shared": false, "PBDs": ["OpaqueRef:pbd"], "VDIs": ["OpaqueRef:vdi"],
            ]
        ],
        "PBD": [
            "OpaqueRef:pbd": [
                "uuid": "pbd", "host": "OpaqueRef:host2", "SR": "OpaqueRef:sr",
                "device_config": ["server": "nfs", "cifsPassword": "hunter2", "token": "x", "tokens": "y"],
            ]
        ],
        "host": ["OpaqueRef:host2": ["uuid": "host2-uuid", "metrics": "OpaqueRef:hm"]],
        "host_metrics": [
            "OpaqueRef:hm": ["uuid": "hm", "live": true, "memory_total": 1_073_741_825, "memory_free": 1000]
        ],
        "task": ["OpaqueRef:task": ["uuid": "task", "progress": "0.5", "status": "pending"]],
    ]

    @Test func runningGuest() throws {
        let vm = try #require(try TestPool(Self.guest).object("01234567-vm"))
        #expect(
            (vm.object?.keys.elements.prefix(6)).map(Array.init) == [
                "id", "type", "uuid", "$pool", "$poolId", "_xapiRef",
            ])
        #expect(vm["type"] == "VM")
        #expect(vm["$container"] == "host-uuid")
        #expect(vm["addresses"] == ["0/ipv4/0": "10.0.0.1"])
        #expect(vm["mainIpAddress"] == "10.0.0.1")
        #expect(vm["memory"]?["size"] == 2048)
        #expect(vm["CPUs"] == ["max": 4, "number": 3])
        #expect(vm["xenTools"] == ["major": 9, "minor": 10, "version": 9.1])
        #expect(vm["pvDriversVersion"] == "9.10.1-7")
        #expect(vm["pvDriversDetected"] == true)
        #expect(vm["pvDriversUpToDate"] == true)
        #expect(vm["managementAgentDetected"] == true)
        #expect(vm["startTime"] == 1_678_040_309)
        #expect(vm["installTime"] == .some(.null))
        #expect(vm["current_operations"] == ["task": "clean_shutdown"])
        #expect(vm["$VBDs"] == ["vbd", nil])
        #expect(vm["notes"] == "mind the gap")
        #expect(vm["attachedPcis"] == ["0000:04:00.0", "0000:05:00.0"])
        #expect(vm["auto_poweron"] == true)
        #expect(vm["creation"] == ["user": "me"])
        #expect(vm["resourceSet"] == "set")
        #expect(vm["coresPerSocket"] == 2)
        #expect(vm["videoram"] == 8)
        #expect(vm["vga"] == "cirrus")
        #expect(vm["PV_args"] == nil)
        #expect(vm["cpuMask"] == [0, 2])
        #expect(vm["cpuWeight"] == 512)
        #expect(vm["cpuCap"] == nil)
        #expect(vm["isFirmwareSupported"] == false)
        #expect(vm["isNestedVirtEnabled"] == true)
        #expect(vm["virtualizationMode"] == "hvm")
        #expect(
            vm["vulnerabilities"]?["xsa468"]
                == ["reason": "pv-driver-version-vulnerable", "driver": "xenbus", "version": "Citrix 9.1.2.14"])
        #expect(vm["affinityHost"] == nil)
        #expect(vm["VTPMs"] == nil)
    }

    @Test func haltingAGuestChangesWhatFollowsFromItsDomain() throws {
        let pool = try TestPool(Self.guest)
        var vm = try #require(Self.guest["VM"]?["OpaqueRef:vm"]?.object)
        vm["power_state"] = "Halted"
        vm["resident_on"] = "OpaqueRef:NULL"
        try pool.apply("VM", ["OpaqueRef:vm": .object(vm)])
        let halted = try #require(pool.object("01234567-vm"))
        #expect(halted["memory"]?["size"] == 4096)
        for tool in [
            "xenTools", "managementAgentDetected", "pvDriversDetected", "pvDriversVersion", "pvDriversUpToDate",
        ] {
            #expect(halted[tool] == nil)
        }
        #expect(halted["CPUs"]?["number"] == 2)
        #expect(halted["addresses"] == ["0/ipv4/0": "10.0.0.1"])
        // Its disk is on storage that one host only sees.
        #expect(halted["$container"] == "host2-uuid")
        // Once the storage is shared, the guest may run anywhere.
        var sr = try #require(Self.guest["SR"]?["OpaqueRef:sr"]?.object)
        sr["shared"] = true
        try pool.apply("SR", ["OpaqueRef:sr": .object(sr)])
        #expect(pool.object("01234567-vm")?["$container"] == "pool-uuid")
    }

    @Test func runningWithoutAgent() throws {
        var records = Self.guest
        records["VM_guest_metrics"] = nil
        let vm = try #require(try TestPool(records).object("01234567-vm"))
        #expect(vm["xenTools"] == false)
        #expect(vm["pvDriversDetected"] == nil)
        #expect(vm["os_version"] == .some(.null))
        #expect(vm["CPUs"]?["number"] == 2)
        #expect(vm["vulnerabilities"]?["xsa468"] == false)
    }

    @Test(
        arguments: [
            ([("is_control_domain", true), ("is_a_template", true)], "VM-controller"),
            ([("is_a_snapshot", true), ("is_a_template", true)], "VM-snapshot"),
            ([("snapshot_of", "OpaqueRef:vm"), ("is_a_template", true)], "VM-snapshot"),
            ([("snapshot_of", "OpaqueRef:nobody"), ("is_a_template", true)], "VM-template"),
            ([], "VM"),
        ] as [([(String, JSON)], String)])
    func typesOfMachines(fields: [(String, JSON)], type: String) throws {
        let record = JSONObject(uniqueKeysWithValues: fields + [("uuid", "x")])
        var records = Self.guest
        records["VM"]?["OpaqueRef:x"] = .object(record)
        #expect(try TestPool(records).object("x")?["type"] == .string(type))
    }

    @Test func defaultTemplatesAreScopedByPoolAndMayBecomeOrdinary() throws {
        let template: JSONObject = [
            "uuid": "t", "is_a_template": true, "is_default_template": true,
            "other_config": [
                "install-methods": "cdrom,http",
                "disks": #"<provision><disk device="0" size="1024" sr="" bootable="true" type="system"/></provision>"#,
            ],
        ]
        let pool = try TestPool(["VM": ["OpaqueRef:t": .object(template)]])
        let object = try #require(pool.object("pool-uuid-t"))
        #expect(object["uuid"] == "t")
        #expect(object["isDefaultTemplate"] == true)
        #expect(object["vulnerabilities"] == nil)
        #expect(
            object["template_info"] == [
                "disks": [["device": "0", "size": 1024, "SR": "", "bootable": true, "type": "system"]],
                "install_methods": ["cdrom", "http"],
            ])
        var ordinary = template
        ordinary["is_default_template"] = false
        try pool.apply("VM", ["OpaqueRef:t": .object(ordinary)])
        #expect(pool.object("t")?["isDefaultTemplate"] == false)
        #expect(pool.inventory.contents.value.removed == ["pool-uuid-t"])
    }

    @Test func recordsOfOlderServersMapWithoutWhatTheyLack() throws {
        let pool = try TestPool(
            Dictionary(
                uniqueKeysWithValues: Classes.all.map { object in
                    (
                        object.shape.className,
                        [
                            "OpaqueRef:old-\(object.shape.className)": [
                                "uuid": .string("old-\(object.shape.className)")
                            ] as JSON
                        ]
                    )
                }.filter { $0.0 != "pool" }))
        let vm = try #require(pool.object("old-VM"))
        #expect(vm["startDelay"] == .some(.null))
        #expect(vm["auto_poweron"] == false)
        #expect(vm["name_label"] == nil)
        #expect(vm["addresses"] == [:])
        #expect(vm["$container"] == "pool-uuid")
        #expect(pool.object("old-host")?["memory"] == ["usage": 0, "size": 0, "total": 0])
        #expect(pool.object("old-host")?["power_state"] == "Unknown")
        #expect(pool.object("old-host")?["certificates"] == nil)
        #expect(pool.object("old-SM")?["supported_image_formats"] == [])
        #expect(pool.object("pool-uuid")?["haRebootVmOnInternalShutdown"] == true)
        #expect(pool.object("old-VIF")?["MTU"] == .some(.null))
        #expect(pool.object("old-VBD")?["device"] == .some(.null))
        #expect(pool.object("old-network")?["nbd"] == nil)
    }

    @Test func brokenRecordsAreLeftOutAndTheirNeighboursAreNot() throws {
        let records = try TestPool.records(
            "VDI", ["OpaqueRef:1": 5, "OpaqueRef:2": [:], "OpaqueRef:3": ["uuid": 3], "OpaqueRef:4": ["uuid": "ok"]])
        #expect(records.map(\.uuid) == ["ok"])
    }

    @Test func wrongTypesDoNotHarm() throws {
        let pool = try TestPool([
            "VM": [
                "OpaqueRef:x": [
                    "uuid": "x", "other_config": 5, "platform": [1], "VBDs": "no", "current_operations": nil,
                    "power_state": 7, "metrics": [:], "start_delay": "12",
                ]
            ]
        ])
        let vm = try #require(pool.object("x"))
        #expect(vm["startDelay"]?.double == 12)
        #expect(vm["other"] == 5)
        #expect(vm["$VBDs"] == [])
    }

    @Test func secretsOfStorageAreHidden() throws {
        let config = try TestPool(Self.guest).object("pbd")?["device_config"]
        let hidden: JSON = "* obfuscated *"
        #expect(config == ["server": "nfs", "cifsPassword": hidden, "token": hidden, "tokens": "y"])
    }

    @Test func memoryOfHostsIsRoundedToWholeGibibytes() throws {
        let host = try TestPool(Self.guest).object("host2-uuid")
        #expect(host?["memory"] == ["usage": 2_147_482_648, "size": 2_147_483_648])
        #expect(host?["power_state"] == "Running")
    }

    @Test func chainsOfDisksAreSummedUp() throws {
        func disk(_ uuid: String, _ usage: Int, on parent: String?) -> JSON {
            [
                "uuid": .string(uuid), "managed": true, "physical_utilisation": JSON(usage),
                "sm_config": parent.map { ["vhd-parent": .string($0)] } ?? [:],
            ]
        }
        let pool = try TestPool([
            "VDI": [
                "OpaqueRef:a": disk("a", 1, on: nil), "OpaqueRef:b": disk("b", 10, on: "a"),
                "OpaqueRef:c": disk("c", 100, on: "b"), "OpaqueRef:loop": disk("loop", 5, on: "loop"),
            ]
        ])
        #expect(pool.object("c")?["chainPhysicalUsage"] == 111)
        #expect(pool.object("loop")?["chainPhysicalUsage"] == 5)
        try pool.apply("VDI", ["OpaqueRef:a": disk("a", 2, on: nil)])
        #expect(pool.object("c")?["chainPhysicalUsage"] == 112)
    }

    @Test func poolOfOneHostHasItsName() throws {
        let pool = try TestPool()
        #expect(pool.object("pool-uuid")?["name_label"] == "alone")
        #expect(pool.object("pool-uuid")?["platform_version"] == "3.4.0")
        try pool.apply("host", ["OpaqueRef:host": ["uuid": "host-uuid", "name_label": "renamed"]])
        #expect(pool.object("pool-uuid")?["name_label"] == "renamed")
    }

    @Test func updatesOfOldServersAreNamedByReference() throws {
        let pool = try TestPool([
            "pool_patch": [
                "OpaqueRef:pp": ["uuid": "pp", "name_label": "XS1", "size": "7", "host_patches": ["OpaqueRef:hp"]]
            ],
            "host_patch": ["OpaqueRef:hp": ["uuid": "hp", "pool_patch": "OpaqueRef:pp", "applied": true]],
        ])
        #expect(pool.object("OpaqueRef:pp")?["dataUuid"] == "pp")
        #expect(pool.object("OpaqueRef:pp")?["$host_patches"] == ["hp"])
        #expect(pool.object("hp")?["pool_patch"] == "OpaqueRef:pp")
        #expect(pool.object("hp")?["name"] == "XS1")
        #expect(pool.object("hp")?["type"] == "patch")
    }

    // MARK: What a change costs

    @Test func aChangeTouchesOnlyWhatReadsIt() throws {
        let pool = try TestPool(Self.guest)
        func published(after body: () throws -> Void) rethrows -> Set<String> {
            let before = pool.inventory.contents.value.batches.count
            try body()
            return Set(pool.inventory.contents.value.batches.dropFirst(before).joined())
        }
        func changed(_ className: String, _ ref: String, _ fields: JSONObject) throws -> Set<String> {
            var record = try #require(Self.guest[className]?[ref]?.object)
            record.merge(fields) { _, new in new }
            return try published { try pool.apply(className, [ref: .object(record)]) }
        }
        #expect(try changed("VM_guest_metrics", "OpaqueRef:gm", ["networks": [:]]) == ["01234567-vm"])
        #expect(try changed("VM_metrics", "OpaqueRef:m", ["VCPUs_utilisation": ["0": 0.5]]) == [])
        #expect(try changed("SR", "OpaqueRef:sr", ["physical_utilisation": 5]) == ["sr"])
        #expect(try changed("host_metrics", "OpaqueRef:hm", ["memory_free": 5]) == ["host2-uuid"])
        #expect(try changed("VDI", "OpaqueRef:vdi", ["name_label": "disk"]) == ["vdi"])
        // A VLAN has the metrics of its network card.
        try pool.apply(
            "PIF",
            [
                "OpaqueRef:nic": ["uuid": "nic", "metrics": "OpaqueRef:pm"],
                "OpaqueRef:vlan": ["uuid": "vlan", "metrics": "OpaqueRef:pm"],
            ])
        #expect(
            try published { try pool.apply("PIF_metrics", ["OpaqueRef:pm": ["uuid": "pm", "speed": 1000]]) }
                == ["nic", "vlan"])
        let end = published { pool.pool.apply([.remove(ref: "OpaqueRef:task")]) }
        #expect(end == ["01234567-vm"])
        #expect(pool.inventory.contents.value.removed == ["task"])
    }
}
