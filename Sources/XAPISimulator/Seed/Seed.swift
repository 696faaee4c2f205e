import XOJSON

/// Fills an empty database with a pool that looks as if it had been used for a while. What is random comes from the
/// toolstack's generator alone, so the same seed makes the same pool.
struct Seed {
    let toolstack: Toolstack
    let configuration: SimulatedPool.Configuration

    var hosts: [Row] = []
    var networks: [Row] = []
    /// The storage of each host, and that of all hosts.
    var localStorages: [Row] = []
    var sharedStorage: Row?
    var installationDisc: Row?
    /// Bytes that guests take, by the reference of their host.
    var usedMemory: [String: Int64] = [:]
    /// `allowed_operations` by kind of VM; computing them thousands of times would take most of the start.
    var knownOperations: [String: JSON] = [:]

    var database: Database { toolstack.database }

    init(_ toolstack: Toolstack) {
        self.toolstack = toolstack
        configuration = toolstack.configuration
    }

    mutating func fill() throws(XAPIFailure) {
        for index in 0..<max(1, configuration.hosts) { try addHost(index) }
        try addNetworks()
        try addStorageDrivers()
        try addStorages()
        try addPool()
        try addRoles()
        try addTemplates()
        for index in 0..<max(0, configuration.virtualMachines) { try addGuest(index) }
        settleMemory()
    }

    private func addPool() throws(XAPIFailure) {
        let shared = JSON.string(sharedStorage?.reference ?? Reference.null)
        _ = try toolstack.create(
            "pool",
            [
                "name_label": .string(configuration.poolName), "master": .string(hosts[0].reference),
                "default_SR": shared, "suspend_image_SR": shared, "crash_dump_SR": shared,
                "other_config": ["memory-ratio-hvm": "0.25", "memory-ratio-pv": "0.25"],
                "restrictions": .object(Seed.restrictions), "ha_cluster_stack": "xhad",
                "allowed_operations": JSON(
                    words(
                        """
                        ha_enable cluster_create designate_new_master tls_verification_enable configure_repositories
                        sync_updates sync_bundle apply_updates cert_refresh exchange_certificates_on_join
                        exchange_ca_certificates_on_join copy_primary_host_certs eject get_updates
                        """)),
                "cpu_info": [
                    "vendor": "GenuineIntel", "socket_count": .string(String(hosts.count)),
                    "cpu_count": .string(String(hosts.count * Seed.threadsPerHost)),
                    "features_pv_host": .string(Seed.processorFeatures),
                    "features_hvm_host": .string(Seed.processorFeatures),
                ],
                "tls_verification_enabled": true, "recommendations": ["max-vm-anti-affinity-groups": "5"],
            ])
        _ = try toolstack.create("user", ["short_name": "root", "fullname": "superuser"])
    }

    /// The roles that every server has, under the references that every server gives them.
    private func addRoles() throws(XAPIFailure) {
        guard let model = database.model["role"] else { throw .internalError("no class role") }
        for line in Seed.roles.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
            database.create(
                model, reference: Reference.prefix + parts[1], uuid: parts[1],
                [
                    "name_label": .string(parts[0]), "name_description": .string(parts[2]),
                    "is_internal": .bool(parts[0] == "client-cert"),
                ])
        }
    }

    private static let roles = """
        pool-admin 0165f154-ba3e-034e-6b27-5d271af109ba Everything
        pool-operator b9ce9791-0604-50cd-0649-09b3284c7dfd Everything but users and roles
        vm-power-admin 7955168d-7bec-10ed-105f-c6a7e6e63249 Virtual machines with migration and snapshots of memory
        vm-admin aaa00ab5-7340-bfbc-0d1b-7cf342639a6e Creating and changing virtual machines
        vm-operator fb8d4ff9-310c-a959-0613-54101535d3d5 Starting, stopping and using virtual machines
        client-cert 2c42debf-c64a-2ecd-f674-3350f06409f7 Logged in with a client certificate
        read-only 7233b8e3-eacb-d7da-2c95-f2e581cdbf4e Looking
        """

    /// Features that the edition restricts; of all that there are, only clustering.
    static let restrictions: JSONObject = {
        let features = words(
            """
            ad batch_hotfix_apply cbt certificate_verification checkpoint cifs cloud_management cluster_address
            connection corosync cpu_masking dmc dr email_alerting equalogic export_resource_data gpu
            guest_agent_auto_update guest_ip_setting health_check historical_performance hotfix_apply igmp_snooping
            integrated_gpu_passthrough intellicache internal_repo_access lab live_patching management_on_vlan marathon
            nested_virt netapp network_sriov nrpe pci_device_for_auto_update pool_attached_storage pool_secret_rotation
            pool_size pooling pvs_proxy qos rbac read_caching rpu set_vcpus_number_live stage storage_xen_motion
            storagelink storagelink_site_recovery updates usb_passthrough vgpu vif_locking vlan vm_appliance_start
            vm_groups vm_memory_introspection vm_start vmpr vmss vss vswitch_controller vtpm web_selfservice
            web_selfservice_manager wlb ws_proxy xcm xen_motion zstd_export
            """)
        var map = JSONObject()
        for feature in features { map["restrict_\(feature)"] = .string(feature == "corosync" ? "true" : "false") }
        map["enable_xha"] = "true"
        map["platform_filter"] = "false"
        map["regular_nag_dialog"] = "false"
        return map
    }()
}
