import XOJSON

/// A template that every pool has from the start. Their UUIDs are the same everywhere.
struct Template: Sendable {
    let name: String
    let label: String
    let uuid: String
    let processors: Int64
    /// Bytes; the maximum is twice the minimum.
    let minimumMemory: Int64
    /// Bytes; 0 if guests are made without a disk.
    let diskSize: Int64
    let platform: JSONObject
    let recommendations: String
    let isUEFI: Bool
    let isWindows: Bool
    let isLinux: Bool

    static let all: [Template] = table.split(separator: "\n").map { Template($0) }

    private init(_ line: Substring) {
        let columns = line.split(separator: "|").map(String.init)
        let kind = columns[6]
        name = columns[0]
        label = columns[1]
        uuid = columns[2]
        processors = Int64(columns[3]) ?? 1
        minimumMemory = (Int64(columns[4]) ?? 0) << 20
        diskSize = (Int64(columns[5]) ?? 0) << 30
        platform = Template.platforms[kind] ?? [:]
        recommendations = Template.recommendations[columns[7]] ?? ""
        isUEFI = kind != "B" && kind != "C"
        isLinux = kind == "A" || kind == "B"
        isWindows = !isLinux && kind != "C"
    }

    var bootParameters: JSON {
        ["firmware": isUEFI ? "uefi" : "bios", "order": isLinux ? "cdn" : "cd"]
    }

    /// `other_config` without what only the template itself has.
    var otherConfig: JSONObject {
        var config = JSONObject()
        if isLinux { config["linux_template"] = "true" }
        config["install-methods"] = isLinux ? "cdrom,nfs,http,ftp" : "cdrom"
        return config
    }

    /// What `VM.provision` would make.
    var disks: String? {
        guard diskSize > 0 else { return nil }
        let attributes = "size=\"\(diskSize)\" sr=\"\" bootable=\"\(isLinux)\" type=\"system\" device=\"0\""
        return "<provision><disk \(attributes)/></provision>"
    }

    private static let platforms: [String: JSONObject] = {
        let common = "nx=true acpi=1 apic=true pae=true hpet=true"
        let linux = "vga=std videoram=8 viridian=false device_id=0001"
        let windows = """
            cores-per-socket=2 device_id=0002 viridian=true viridian_time_ref_count=true viridian_reference_tsc=true
            viridian_apic_assist=true viridian_crash_ctl=true viridian_stimer=true secureboot=auto vga=std videoram=8
            """
        return [
            "A": pairs("\(linux) secureboot=auto \(common)"),
            "B": pairs("\(linux) device-model=qemu-upstream-compat secureboot=false \(common)"),
            "C": pairs("viridian=true secureboot=false \(common)"),
            "D": pairs("\(windows) \(common) acpi_laptop_slate=1"),
            "E": pairs("\(windows) \(common) acpi_laptop_slate=1 vtpm=true"),
            "F": pairs("\(windows) \(common)"),
        ]
    }()

    private static let recommendations: [String: String] = {
        let large = "memory-static-max<1649267441664"
        let passthrough = "allow-gpu-passthrough=1 allow-vgpu=1 allow-network-sriov=1"
        func firmware(bios: String, uefi: String) -> String {
            "supports-bios=\(bios) supports-uefi=\(uefi) supports-secure-boot=\(uefi)"
        }
        let both = firmware(bios: "yes", uefi: "yes")
        let windows = "\(large) vcpus-min>2 vcpus-max<64 has-vendor-device=true"
        return [
            "1": restrictions("\(large) vcpus-max<64 has-vendor-device=false \(passthrough) \(both)"),
            "2": restrictions(
                "\(large) vcpus-max<64 has-vendor-device=false \(passthrough) \(firmware(bios: "yes", uefi: "no"))"),
            "3": restrictions("memory-static-max<137438953472 vcpus-max<64 has-vendor-device=false \(both)"),
            "4": restrictions("\(windows) \(both)"),
            "5": restrictions("\(windows) \(firmware(bios: "no", uefi: "yes"))"),
            "6": restrictions("\(windows) allow-network-sriov=1 \(both)"),
            "7": restrictions("\(windows) allow-network-sriov=1 \(firmware(bios: "no", uefi: "yes"))"),
        ]
    }()

    /// Limits in XAPI's XML: `field<maximum`, `field>minimum`, `field=value`.
    private static func restrictions(_ text: String) -> String {
        let kinds: [Character: String] = ["<": "max", ">": "min", "=": "value"]
        let fields = words(text).map { word -> String in
            guard let index = word.firstIndex(where: { kinds[$0] != nil }), let kind = kinds[word[index]] else {
                return ""
            }
            return "<restriction field=\"\(word[..<index])\" \(kind)=\"\(word[word.index(after: index)...])\"/>"
        }
        return "<restrictions>" + fields.joined() + "<restriction property=\"number-of-vbds\" max=\"255\"/>"
            + "<restriction property=\"number-of-vifs\" max=\"7\"/></restrictions>"
    }

    /// Name, label, UUID, processors, minimum memory (MiB), disk (GiB), platform, recommendations.
    private static let table = """
        AlmaLinux 10|almalinux-10|1d1fef56-2e79-49cb-97bb-ec5401096b0b|1|2048|15|A|1
        AlmaLinux 8|almalinux-8|7aa32be8-a06c-4ade-8a1d-49e51e03e9d2|1|2048|10|B|2
        AlmaLinux 9|almalinux-9|09d6b4cc-dd4b-4619-aacb-01576ccd5b0f|1|2048|15|B|2
        CentOS 7 (deprecated)|centos-7|11fd3dc9-96cc-49af-b091-a2ca7e94c589|1|2048|10|B|2
        CentOS Stream 10|centos-10|203103c5-f257-4ef6-ac59-f3e7184c8b1b|1|2048|10|A|1
        CentOS Stream 8|centos-stream-8|6de5fcb6-aad9-42b6-8dce-865ae9b933f9|1|2048|15|B|2
        CentOS Stream 9|centos-9|a3d70e4d-c5ac-4dfb-999b-30a0a7efe546|1|2048|10|B|2
        Debian Bookworm 12|debian-12|07d91aaa-43f7-430a-bf84-0edb6714df0f|1|1024|10|A|1
        Debian Bullseye 11|debian-11|acfeecf4-4007-412b-8f13-6d61a6aee5bd|1|512|10|B|2
        Debian Buster 10 (deprecated)|debian-10|bac315b4-66fd-4488-82f5-9808e927b4b9|1|512|10|B|2
        Debian Trixie 13|debian-13|0f690a2c-2bf3-4bde-b5b6-3fd236adbc88|1|1024|10|A|1
        Generic Linux BIOS|generic-linux-bios|dfbd1201-329f-4c87-9f0c-78a6f5270ba0|1|1024|10|B|2
        Generic Linux UEFI|generic-linux-uefi|b73b736f-8dee-4bbe-9380-30d1e1854958|1|1024|10|A|1
        Gooroom Platform 2.0|gooroom-2|9340090e-90ca-11ea-ab10-2e858157d830|1|1024|10|B|2
        NeoKylin Linux Server 7|kylin-server-7|7279a78a-4756-4fc3-99f0-3e7694c0319e|1|1024|10|B|2
        Oracle Linux 10|oel-10|64310f80-396d-4096-bfae-3d2bdbb6e8b2|1|2048|15|A|1
        Oracle Linux 7 (deprecated)|oel-7|f873abe0-b138-4995-8f6f-498b423d234d|1|2048|10|B|2
        Oracle Linux 8|oel-8|6959dfe8-534c-4c58-8a8c-3c3792293543|2|2048|10|A|1
        Oracle Linux 9|oel-9|609d03e9-d7aa-448b-b9bf-9a3f7c613506|1|2048|15|B|2
        Other install media|other-install-media|552bce37-51b2-445d-84f2-5f33fa112d7e|1|128|0|C|3
        Red Hat Enterprise Linux 10 (preview)|rhel-10|7375046a-c05e-435b-9f04-5314a64e6a5e|1|2048|10|A|1
        Red Hat Enterprise Linux 7 (deprecated)|rhel-7|03d30863-86a2-428e-94c8-88ddfcb8cd29|1|2048|10|B|2
        Red Hat Enterprise Linux 8|rhel-8|612863ed-900d-456d-b4b7-38b70915fd1f|1|2048|10|A|1
        Red Hat Enterprise Linux 9|rhel-9|6c91b878-5095-421e-a914-224b3bb1088c|1|2048|10|A|1
        Rocky Linux 10|rocky-10|651760be-61eb-42d2-b49b-6df2521266c5|1|2048|15|A|1
        Rocky Linux 8|rocky-8|6ce77bf9-ab30-4a1a-a757-011b52d89997|1|2048|10|A|1
        Rocky Linux 9|rocky-9|1a647cf9-99c1-4e9c-b3b4-6b9989c530be|1|2048|15|A|1
        Scientific Linux 7 (deprecated)|sl-7|4b116889-af64-42af-ba86-75dcb3cb7828|1|2048|10|B|2
        SUSE Linux Enterprise 15 (64-bit)|sle-15-64bit|b5915805-d800-459d-826a-322dc9cf07e2|1|1024|8|A|1
        SUSE Linux Enterprise Server 12 SP5 (64-bit)|sles-12-sp5-64bit|110ecfa7-0fe4-4b35-a247-0b0141a738ba|1|1024|8|B|2
        Ubuntu Focal Fossa 20.04 (deprecated)|ubuntu-20.04|2cf37285-57bc-4633-a24f-0c6c825dda66|1|512|10|A|1
        Ubuntu Jammy Jellyfish 22.04|ubuntu-22.04|df1a0e64-3799-482b-aa9f-1ed713c7dac5|1|1024|10|A|1
        Ubuntu Noble Numbat 24.04|ubuntu-24.04|ff1f3e17-84d9-4d72-962d-571c4ceb527b|1|1024|10|A|1
        Windows 10 (64-bit)|windows-10-64bit|7774689b-4ca1-4dea-8545-dddd6b64c17f|2|2048|32|D|4
        Windows 11|windows-11|1f8728f9-6354-4a68-adc3-222c34f2bb94|2|4096|64|E|5
        Windows Server 2016 (64-bit)|windows-server-2016-64bit|c15fab79-6cce-4e1f-916f-a64b98ff9e7d|2|1024|32|F|6
        Windows Server 2019 (64-bit)|windows-server-2019-64bit|d986ea98-09fa-4e9a-9ee6-e6c78119496f|2|1024|32|F|6
        Windows Server 2022 (64-bit)|windows-server-2022-64bit|1c33af1c-e919-418c-ad45-85d7d6fb604a|2|1024|32|F|6
        Windows Server 2025|windows-server-2025|905ab443-e415-4d52-bfef-e14b147eac4e|2|2048|64|F|7
        """
}

/// A map from `key=value` words.
func pairs(_ text: String) -> JSONObject {
    words(text).reduce(into: [:]) { map, word in
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        map[String(parts[0])] = .string(parts.count == 2 ? String(parts[1]) : "")
    }
}
