import XOJSON

extension Seed {
    /// Type, name, file, vendor, API version, features beyond those of the group, keys of `device_config`.
    private static let drivers = """
        ext|Local EXT3 VHD|EXTSR|Citrix Systems Inc|SR_PROBE SR_SUPPORTS_LOCAL_CACHING THIN_PROVISIONING|device
        lvm|Local VHD on LVM|LVMSR|XenSource Inc|SR_PROBE SR_TRIM|device
        nfs|NFS VHD|NFSSR|Citrix Systems Inc|SR_PROBE THIN_PROVISIONING|server serverpath nfsversion
        smb|SMB VHD|SMBSR|Citrix Systems Inc|SR_PROBE THIN_PROVISIONING|server username password
        file|Local Path VHD|FileSR|Citrix Systems Inc|SR_PROBE THIN_PROVISIONING|location
        lvmoiscsi|LVHD over iSCSI|LVMoISCSISR|Citrix Systems Inc|SR_PROBE SR_TRIM SR_METADATA|SCSIid target targetIQN port
        lvmohba|LVHD over FC|LVMoHBASR|Citrix Systems Inc|SR_PROBE SR_TRIM SR_METADATA|SCSIid allocation
        iso|ISO|ISOSR|Citrix Systems Inc|-|location options type nfsversion vers username
        udev|udev|udevSR|Citrix Systems Inc|-|location
        """
    private static let diskFeatures = words(
        """
        SR_UPDATE VDI_ACTIVATE VDI_ATTACH VDI_CLONE VDI_CONFIG_CBT VDI_CREATE VDI_DEACTIVATE VDI_DELETE VDI_DETACH
        VDI_GENERATE_CONFIG VDI_MIRROR VDI_RESET_ON_BOOT VDI_RESIZE VDI_SNAPSHOT VDI_UPDATE
        """)
    private static let specialFeatures: [String: [String]] = [
        "iso": words("SR_ATTACH SR_DETACH SR_SCAN VDI_ATTACH VDI_CREATE VDI_DELETE VDI_DETACH"),
        "udev": words("SR_UPDATE VDI_ATTACH VDI_DETACH VDI_INTRODUCE VDI_UPDATE"),
    ]

    func addStorageDrivers() throws(XAPIFailure) {
        for line in Seed.drivers.split(separator: "\n") {
            let columns = line.split(separator: "|").map(String.init)
            let features = (Seed.specialFeatures[columns[0]] ?? words(columns[4]) + Seed.diskFeatures).sorted()
            var versions = JSONObject()
            for feature in features { versions[feature] = feature == "VDI_RESET_ON_BOOT" ? 2 : 1 }
            var keys = JSONObject()
            for key in words(columns[5]) { keys[key] = .string(key) }
            _ = try toolstack.create(
                "SM",
                [
                    "name_label": .string(columns[1]), "name_description": .string("\(columns[0]) storage driver"),
                    "type": .string(columns[0]), "vendor": .string(columns[3]), "version": "1.0",
                    "required_api_version": "1.0", "configuration": .object(keys), "capabilities": JSON(features),
                    "features": .object(versions), "driver_filename": .string("/opt/xensource/sm/\(columns[2])"),
                ])
        }
    }

    mutating func addStorages() throws(XAPIFailure) {
        for (index, host) in hosts.enumerated() {
            let local = try addStorage(
                "Local storage", type: "ext", content: "user", size: 904_391_950_336, isShared: false,
                config: ["device": .string("/dev/disk/by-id/nvme-SAMPLE_960GB_S\(4_410_021 + index)-part3")],
                on: [host],
                other: ["i18n-key": "local-storage", "i18n-original-value-name_label": "Local storage"])
            localStorages.append(local)
            database.set(host, "suspend_image_sr", .string(local.reference))
            database.set(host, "crash_dump_sr", .string(local.reference))
            _ = try addStorage(
                "DVD drives", description: "Physical DVD drives", type: "udev", content: "iso", size: 0,
                isShared: false, config: ["location": "/dev/xapi/cd"], on: [host],
                other: ["i18n-key": "local-hotplug-cd"], driver: ["type": "cd"])
        }
        let tools = try addStorage(
            "XCP-ng Tools", description: "XCP-ng Tools ISOs", type: "iso", content: "iso", size: 18_928_615_424,
            isShared: true,
            config: [
                "path": "/opt/xensource/packages/iso", "location": "/opt/xensource/packages/iso",
                "legacy_mode": "true",
            ],
            on: hosts, other: ["xensource_internal": "true", "xenserver_tools_sr": "true"])
        database.set(tools, "is_tools_sr", true)
        let toolsDisc = try addDisc("guest-tools.iso", on: tools, size: 22_419_456)
        database.set(toolsDisc, "is_tools_iso", true)
        sharedStorage = try addStorage(
            "nfs-vm", description: "Shared VM disks", type: "nfs", content: "user",
            size: max(8 << 40, Int64(configuration.virtualMachines) << 36), isShared: true,
            config: ["server": "192.0.2.50", "serverpath": "/export/vms", "nfsversion": "4"], on: hosts)
        let library = try addStorage(
            "iso-library", description: "Installation media", type: "iso", content: "iso", size: 1 << 40,
            isShared: true, config: ["location": "192.0.2.50:/export/iso", "type": "nfs_iso", "nfsversion": "4"],
            on: hosts, other: ["auto-scan": "true"])
        installationDisc = try addDisc("debian-12.9.0-amd64-netinst.iso", on: library, size: 662_700_032)
    }

    private func addStorage(
        _ name: String, description: String = "", type: String, content: String, size: Int64, isShared: Bool,
        config: JSON, on hosts: [Row], other: JSON = [:], driver: JSON = [:]
    ) throws(XAPIFailure) -> Row {
        let storage = try toolstack.create(
            "SR",
            [
                "name_label": .string(name), "name_description": .string(description),
                "allowed_operations": JSON(Seed.storageOperations(type)), "physical_size": .integer(size),
                "physical_utilisation": .integer(size / 64), "type": .string(type),
                "content_type": .string(content), "shared": .bool(isShared), "other_config": other,
                "sm_config": driver,
            ])
        for host in hosts {
            _ = try toolstack.create(
                "PBD",
                [
                    "host": .string(host.reference), "SR": .string(storage.reference), "device_config": config,
                    "currently_attached": true,
                ])
        }
        return storage
    }

    private func addDisc(_ file: String, on storage: Row, size: Int64) throws(XAPIFailure) -> Row {
        try toolstack.create(
            "VDI",
            [
                "name_label": .string(file), "SR": .string(storage.reference), "virtual_size": .integer(size),
                "physical_utilisation": .integer(size), "type": "user", "read_only": true, "managed": true,
                "location": .string(file), "allowed_operations": JSON(["copy", "destroy", "forget"]),
            ])
    }

    private static func storageOperations(_ type: String) -> [String] {
        let always = words("scan plug unplug vdi_clone pbd_create pbd_destroy")
        switch type {
        case "iso": return always + words("vdi_create vdi_destroy")
        case "udev": return always + words("vdi_introduce update")
        default:
            return always
                + words(
                    """
                    update vdi_create vdi_destroy vdi_resize vdi_snapshot vdi_mirror vdi_enable_cbt vdi_disable_cbt
                    vdi_data_destroy vdi_list_changed_blocks vdi_set_on_boot
                    """)
        }
    }
}
