/// The power states, and which operations are possible in which.
enum PowerState: String, CaseIterable {
    case halted = "Halted"
    case paused = "Paused"
    case running = "Running"
    case suspended = "Suspended"

    /// A VM in this state has a domain on a host.
    var isLive: Bool { self == .running || self == .paused }

    private static let groups: [(states: [PowerState], operations: String)] = [
        (
            [.halted],
            """
            start start_on provision make_into_template changing_NVRAM changing_shadow_memory create_vtpm
            changing_VCPUs changing_static_range changing_memory_limits clone copy
            """
        ),
        ([.halted, .suspended], "export destroy create_template"),
        ([.halted, .running], "changing_dynamic_range"),
        ([.halted, .suspended, .running], "migrate_send"),
        ([.paused], "unpause"),
        ([.suspended], "resume resume_on csvm"),
        (
            [.running],
            """
            pause suspend clean_shutdown clean_reboot pool_migrate snapshot_with_quiesce changing_VCPUs_live
            changing_memory_live awaiting_memory_live changing_shadow_memory_live call_plugin data_source_op send_sysrq
            send_trigger sysprep
            """
        ),
        ([.paused, .running], "hard_reboot"),
        ([.paused, .suspended, .running], "hard_shutdown checkpoint shutdown get_boot_record"),
        (
            PowerState.allCases,
            """
            snapshot revert reverting metadata_export power_state_reset query_services assert_operation_valid
            update_allowed_operations
            """
        ),
    ]

    /// States by operation. An operation that is not here is possible in none.
    static let byOperation: [String: [PowerState]] = groups.reduce(into: [:]) { table, group in
        for operation in words(group.operations) { table[operation] = group.states }
    }

    /// The operations that `allowed_operations` may list, in the order in which it does.
    static let listedOperations = words(
        """
        snapshot checkpoint clone copy start start_on pause unpause clean_shutdown clean_reboot hard_shutdown
        hard_reboot suspend resume resume_on pool_migrate migrate_send provision revert changing_dynamic_range
        changing_static_range changing_shadow_memory changing_NVRAM changing_VCPUs_live make_into_template export
        metadata_export destroy create_vtpm sysprep
        """)
}

/// The words of a text.
func words(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }
