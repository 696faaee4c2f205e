/// The data model of xapi 26.1.4, as XCP-ng 8.3 ships it: every enumeration, and every class with its public fields and
/// hand-written messages. These are names and types, written down in the shortest form that ``DataModel`` can read;
/// accessors and the like are derived from the fields.
///
/// It is a string and not a resource file because this library is also linked into plugins, which have no bundle, and
/// not a Swift literal because the compiler takes seconds over one of this size.
///
///     enum NAME
///       VALUE …
///     class NAME database? events? get_all? create?
///       FIELD …                  +name:type  settable and constructor argument
///                                .name:type  constructor argument
///                                -name:type  kept by the server
///                                …~other     the reference's other end, a set in the class that is referred to
///                                …=JSON      default; `=` alone is the empty value of the type; none: mandatory
///       MESSAGE …                name(parameter;…)result, the session parameter not written
///                                name!       has an Async form
///                                name(a; b)  a list may go on after a space behind a semicolon
///                                name?       takes no session
///                                name-       removed: known, but never carried out
enum DataModelTable {
    static let text = #"""
        enum after_apply_guidance
          restartHVM restartPV restartHost restartXAPI
        enum allocation_algorithm
          breadth_first depth_first
        enum bond_mode
          balance-slb active-backup lacp
        enum certificate_type
          ca host host_internal
        enum cls
          VM Host SR Pool VMPP VMSS PVS_proxy VDI Certificate
        enum cluster_host_operation
          enable disable destroy
        enum cluster_operation
          add remove enable disable destroy
        enum console_protocol
          vt100 rfb rdp
        enum domain_type
          hvm pv pv_in_pvh pvh unspecified
        enum event_operation
          add del mod
        enum hello_return
          ok unknown_host cannot_talk_back
        enum host_allowed_operations
          provision evacuate shutdown reboot power_on vm_start vm_resume vm_migrate apply_updates enable
        enum host_display
          enabled disable_on_reboot disabled enable_on_reboot
        enum host_ntp_mode
          DHCP Custom Factory Disabled
        enum host_numa_affinity_policy
          any best_effort default_policy
        enum host_sched_gran
          core cpu socket
        enum ip_configuration_mode
          None DHCP Static
        enum ipv6_configuration_mode
          None DHCP Static Autoconf
        enum latest_synced_updates_applied_state
          yes no unknown
        enum livepatch_status
          ok_livepatch_complete ok_livepatch_incomplete ok
        enum network_default_locking_mode
          unlocked disabled
        enum network_operations
          attaching
        enum network_purpose
          nbd insecure_nbd
        enum on_boot
          reset persist
        enum on_crash_behaviour
          destroy coredump_and_destroy restart coredump_and_restart preserve rename_restart
        enum on_normal_exit
          destroy restart
        enum on_softreboot_behavior
          soft_reboot destroy restart preserve
        enum origin
          remote bundle remote_pool
        enum pci_dom0_access
          enabled disable_on_reboot disabled enable_on_reboot
        enum persistence_backend
          xapi
        enum pif_igmp_status
          enabled disabled unknown
        enum placement_policy
          anti_affinity normal
        enum pool_allowed_operations
          ha_enable ha_disable cluster_create designate_new_master configure_repositories sync_updates sync_bundle
          get_updates apply_updates tls_verification_enable cert_refresh exchange_certificates_on_join
          exchange_ca_certificates_on_join copy_primary_host_certs eject
        enum pool_guest_secureboot_readiness
          ready ready_no_dbx not_ready
        enum primary_address_type
          IPv4 IPv6
        enum pvs_proxy_status
          stopped initialised caching incompatible_write_cache_mode incompatible_protocol_version
        enum sdn_controller_protocol
          ssl pssl
        enum sr_health
          healthy recovering unreachable unavailable
        enum sriov_configuration_mode
          sysfs modprobe manual unknown
        enum storage_operations
          scan destroy forget plug unplug update vdi_create vdi_introduce vdi_destroy vdi_resize vdi_clone
          vdi_snapshot vdi_mirror vdi_enable_cbt vdi_disable_cbt vdi_data_destroy vdi_list_changed_blocks
          vdi_set_on_boot vdi_blocked vdi_copy vdi_force_unlock vdi_forget vdi_generate_config vdi_resize_online
          vdi_update pbd_create pbd_destroy
        enum task_allowed_operations
          cancel destroy
        enum task_status_type
          pending success failure cancelling cancelled
        enum telemetry_frequency
          daily weekly monthly
        enum tristate_type
          yes no unspecified
        enum tunnel_protocol
          gre vxlan
        enum update_after_apply_guidance
          restartHVM restartPV restartHost restartXAPI
        enum update_guidances
          reboot_host reboot_host_on_livepatch_failure reboot_host_on_kernel_livepatch_failure
          reboot_host_on_xen_livepatch_failure restart_toolstack restart_device_model restart_vm
        enum update_status
        enum update_sync_frequency
          daily weekly
        enum vbd_mode
          RO RW
        enum vbd_operations
          attach eject insert plug unplug unplug_force pause unpause
        enum vbd_type
          CD Disk Floppy
        enum vdi_operations
          clone copy resize resize_online snapshot mirror destroy forget update force_unlock generate_config
          enable_cbt disable_cbt data_destroy list_changed_blocks set_on_boot blocked
        enum vdi_type
          system user ephemeral suspend crashdump ha_statefile metadata redo_log rrd pvs_cache cbt_metadata
        enum vgpu_type_implementation
          passthrough nvidia nvidia_sriov gvt_g mxgpu
        enum vif_ipv4_configuration_mode
          None Static
        enum vif_ipv6_configuration_mode
          None Static
        enum vif_locking_mode
          network_default locked unlocked disabled
        enum vif_operations
          attach plug unplug
        enum vm_appliance_operation
          start clean_shutdown hard_shutdown shutdown
        enum vm_operations
          snapshot clone copy create_template revert checkpoint snapshot_with_quiesce provision start start_on pause
          unpause clean_shutdown clean_reboot hard_shutdown power_state_reset hard_reboot suspend csvm resume
          resume_on pool_migrate migrate_send get_boot_record send_sysrq send_trigger query_services shutdown
          call_plugin changing_memory_live awaiting_memory_live changing_dynamic_range changing_static_range
          changing_memory_limits changing_shadow_memory changing_shadow_memory_live changing_VCPUs changing_VCPUs_live
          changing_NVRAM assert_operation_valid data_source_op update_allowed_operations make_into_template import
          export metadata_export reverting destroy create_vtpm sysprep
        enum vm_power_state
          Halted Paused Running Suspended
        enum vm_secureboot_readiness
          not_supported disabled first_boot ready ready_no_dbx setup_mode certs_incomplete
        enum vm_uefi_mode
          setup user
        enum vmpp_archive_frequency
          never always_after_backup daily weekly
        enum vmpp_archive_target_type
          none cifs nfs
        enum vmpp_backup_frequency
          hourly daily weekly
        enum vmpp_backup_type
          snapshot checkpoint
        enum vmss_frequency
          hourly daily weekly
        enum vmss_type
          snapshot checkpoint snapshot_with_quiesce
        enum vtpm_operations
          destroy
        enum vusb_operations
          attach plug unplug
        class session database
          -uuid:string -this_host:ref<host> -this_user:ref<user> -last_active:datetime -pool:bool
          +other_config:map<string,string>= -is_local_superuser:bool= -subject:ref<subject>=
          -validation_time:datetime= -auth_user_sid:string= -auth_user_name:string= .rbac_permissions:set<string>=
          -tasks:set<ref<task>> .parent:ref<session>= -originator:string= -client_certificate:bool=
          login_with_password?(string;string;string="1.1";string=)ref<session> logout() change_password(string;string)
          slave_login?(ref<host>;string)ref<session> slave_local_login?(string)ref<session>
          slave_local_login_with_password?(string;string)ref<session> create_from_db_file!(string)ref<session>
          local_logout() get_all_subject_identifiers!()set<string> logout_subject_identifier!(string)
        class auth
          get_subject_identifier(string)string get_subject_information_from_identifier(string)map<string,string>
          get_group_membership(string)set<string>
        class subject database events get_all create
          -uuid:string .subject_identifier:string= .other_config:map<string,string>=
          -roles:set<ref<role>>=["OpaqueRef:0165f154-ba3e-034e-6b27-5d271af109ba"]
          add_to_roles(ref<subject>;ref<role>) remove_from_roles(ref<subject>;ref<role>)
          get_permissions_name_label(ref<subject>)set<string>
        class role database events get_all
          -uuid:string .name_label:string= .name_description:string= .subroles:set<ref<role>>= -is_internal:bool=
          get_permissions(ref<role>)set<ref<role>> get_permissions_name_label(ref<role>)set<string>
          get_by_permission(ref<role>)set<ref<role>> get_by_permission_name_label(string)set<ref<role>>
        class task database events get_all
          -uuid:string -name_label:string= -name_description:string=
          -allowed_operations:set<enum<task_allowed_operations>>=
          -current_operations:map<string,enum<task_allowed_operations>>= -created:datetime -finished:datetime
          -status:enum<task_status_type> -resident_on:ref<host> -progress:float -type:string -result:string
          -error_info:set<string> -other_config:map<string,string>= -subtask_of:ref<task>~subtasks=
          -subtasks:set<ref<task>> -backtrace:string="()"
          create(string;string)ref<task> destroy(ref<task>) cancel!(ref<task>)
          set_status(ref<task>;enum<task_status_type>) set_progress(ref<task>;float) set_result(ref<task>;string)
          set_error_info(ref<task>;set<string>) add_to_other_config!(ref<task>;string;string)
          remove_from_other_config!(ref<task>;string) set_other_config!(ref<task>;map<string,string>)
        class event
          .id:int .timestamp:datetime .class:string .operation:enum<event_operation> .ref:string .obj_uuid:string
          register!(set<string>) unregister!(set<string>) next()set<record<event>>
          from(set<string>;string;float)set<record<event>> get_current_id()int inject(string;string)string
        class pool database events get_all
          -uuid:string +name_label:string +name_description:string -master:ref<host> +default_SR:ref<SR>
          +suspend_image_SR:ref<SR> +crash_dump_SR:ref<SR> +other_config:map<string,string> -ha_enabled:bool=
          -ha_configuration:map<string,string>= -ha_statefiles:set<string>= -ha_host_failures_to_tolerate:int=
          -ha_plan_exists_for:int= +ha_allow_overcommit:bool= -ha_overcommitted:bool= -blobs:map<string,ref<blob>>=
          +tags:set<string>= +gui_config:map<string,string>= +health_check_config:map<string,string>= -wlb_url:string=
          -wlb_username:string= +wlb_enabled:bool= +wlb_verify_cert:bool= -redo_log_enabled:bool=
          -redo_log_vdi:ref<VDI>= -vswitch_controller:string= -restrictions:map<string,string>=
          -metadata_VDIs:set<ref<VDI>> -ha_cluster_stack:string=
          -allowed_operations:set<enum<pool_allowed_operations>>=
          -current_operations:map<string,enum<pool_allowed_operations>>= -guest_agent_config:map<string,string>=
          -cpu_info:map<string,string>= +policy_no_vendor_device:bool= +live_patching_disabled:bool=
          -igmp_snooping_enabled:bool= .uefi_certificates:string= .custom_uefi_certificates:string=
          +is_psr_pending:bool= -tls_verification_enabled:bool= -repositories:set<ref<Repository>>=
          -client_certificate_auth_enabled:bool= -client_certificate_auth_name:string= -repository_proxy_url:string=
          -repository_proxy_username:string= -repository_proxy_password:ref<secret>= +migration_compression:bool=
          +coordinator_bias:bool=true .local_auth_max_threads:int=8 .ext_auth_max_threads:int=1
          -ext_auth_cache_enabled:bool=true -ext_auth_cache_size:int=50 -ext_auth_cache_expiry:int=300
          -telemetry_uuid:ref<secret>= -telemetry_frequency:enum<telemetry_frequency>="weekly"
          -telemetry_next_collection:datetime= -last_update_sync:datetime=
          -update_sync_frequency:enum<update_sync_frequency>="weekly" -update_sync_day:int= -update_sync_enabled:bool=
          -recommendations:map<string,string>= +license_server:map<string,string>=
          +ha_reboot_vm_on_internal_shutdown:bool=true +limit_console_sessions:bool= +vm_console_idle_timeout:int=
          join!(string;string;string) join_force!(string;string;string) eject!(ref<host>) initial_auth!()string
          exchange_certificates_on_join!(string;string)map<string,string>
          exchange_ca_certificates_on_join!(map<string,string>;set<ref<Certificate>>)map<string,string>
          emergency_transition_to_master() emergency_reset_master(string) recover_slaves!()set<ref<host>>
          hello!(string;string)enum<hello_return> is_slave(ref<host>)bool
          create_VLAN!(string;ref<network>;int)set<ref<PIF>> management_reconfigure!(ref<network>)
          create_VLAN_from_PIF!(ref<PIF>;ref<network>;int)set<ref<PIF>> enable_ha!(set<ref<SR>>;map<string,string>)
          disable_ha!() sync_database!() designate_new_master!(ref<host>) ha_prevent_restarts_for(int)
          ha_failover_plan_exists(int)bool ha_compute_max_host_failures_to_tolerate()int
          ha_compute_hypothetical_max_host_failures_to_tolerate(map<ref<VM>,string>)int
          ha_compute_vm_failover_plan(set<ref<host>>;set<ref<VM>>)map<ref<VM>,map<string,string>>
          set_ha_host_failures_to_tolerate!(ref<pool>;int) create_new_blob!(ref<pool>;string;string;bool=)ref<blob>
          ha_schedule_plan_recomputation!() enable_binary_storage!() disable_binary_storage!()
          enable_external_auth(ref<pool>;map<string,string>;string;string)
          disable_external_auth(ref<pool>;map<string,string>=) detect_nonhomogeneous_external_auth(ref<pool>)
          initialize_wlb!(string;string;string;string;string) deconfigure_wlb!()
          send_wlb_configuration!(map<string,string>) retrieve_wlb_configuration!()map<string,string>
          retrieve_wlb_recommendations!()map<ref<VM>,set<string>> send_test_post!(string;int;string)string
          certificate_install!(string;string) certificate_uninstall!(string) certificate_list!()set<string>
          install_ca_certificate!(string;string) uninstall_ca_certificate!(string;bool=) crl_install!(string;string)
          crl_uninstall!(string) crl_list!()set<string> certificate_sync!() enable_tls_verification()
          enable_redo_log!(ref<SR>) disable_redo_log!() audit_log_append!(string) set_vswitch_controller!(string)
          test_archive_target(ref<pool>;map<string,string>)string enable_local_storage_caching!(ref<pool>)
          disable_local_storage_caching!(ref<pool>) get_license_state!(ref<pool>)map<string,string>
          apply_edition!(ref<pool>;string) enable_ssl_legacy!-(ref<pool>) disable_ssl_legacy!(ref<pool>)
          set_igmp_snooping_enabled!(ref<pool>;bool) has_extension!(ref<pool>;string)bool
          add_to_guest_agent_config!(ref<pool>;string;string) remove_from_guest_agent_config!(ref<pool>;string)
          rotate_secret!() set_repositories!(ref<pool>;set<ref<Repository>>)
          add_repository!(ref<pool>;ref<Repository>) remove_repository!(ref<pool>;ref<Repository>)
          sync_updates!(ref<pool>;bool;string=;string=;string=;string=)string
          check_update_readiness!(ref<pool>;bool)set<set<string>> enable_client_certificate_auth!(ref<pool>;string)
          disable_client_certificate_auth!(ref<pool>) configure_repository_proxy!(ref<pool>;string;string;string)
          disable_repository_proxy!(ref<pool>) set_uefi_certificates!(ref<pool>;string)
          set_custom_uefi_certificates!(ref<pool>;string) set_https_only!(ref<pool>;bool)
          set_telemetry_next_collection!(ref<pool>;datetime) reset_telemetry_uuid!(ref<pool>)
          configure_update_sync!(ref<pool>;enum<update_sync_frequency>;int) set_update_sync_enabled!(ref<pool>;bool)
          set_local_auth_max_threads(ref<pool>;int) set_ext_auth_max_threads(ref<pool>;int)
          set_ext_auth_cache_enabled!(ref<pool>;bool) set_ext_auth_cache_size!(ref<pool>;int)
          set_ext_auth_cache_expiry!(ref<pool>;int)
          get_guest_secureboot_readiness(ref<pool>)enum<pool_guest_secureboot_readiness> enable_ssh!(ref<pool>)
          disable_ssh!(ref<pool>) set_ssh_enabled_timeout!(ref<pool>;int) set_console_idle_timeout!(ref<pool>;int)
          set_ssh_auto_mode!(ref<pool>;bool)
        class pool_patch database events get_all
          -uuid:string .name_label:string= .name_description:string= .version:string= -size:int= -pool_applied:bool=
          -host_patches:set<ref<host_patch>> -after_apply_guidance:set<enum<after_apply_guidance>>=
          .pool_update:ref<pool_update>= +other_config:map<string,string>=
          apply!(ref<pool_patch>;ref<host>)string pool_apply!(ref<pool_patch>)
          precheck!(ref<pool_patch>;ref<host>)string clean!(ref<pool_patch>) pool_clean!(ref<pool_patch>)
          destroy!(ref<pool_patch>) clean_on_host!(ref<pool_patch>;ref<host>)
        class pool_update database events get_all
          -uuid:string .name_label:string= .name_description:string= .version:string= .installation_size:int=
          .key:string= .after_apply_guidance:set<enum<update_after_apply_guidance>>= .vdi:ref<VDI>
          -hosts:set<ref<host>> +other_config:map<string,string>= .enforce_homogeneity:bool=
          introduce!(ref<VDI>)ref<pool_update> precheck!(ref<pool_update>;ref<host>)enum<livepatch_status>
          apply!(ref<pool_update>;ref<host>) pool_apply!(ref<pool_update>) pool_clean!(ref<pool_update>)
          destroy!(ref<pool_update>) attach!(ref<pool_update>;bool=)string detach!(ref<pool_update>)
          resync_host!(ref<host>)
        class VM database events get_all create
          -uuid:string -allowed_operations:set<enum<vm_operations>>=
          -current_operations:map<string,enum<vm_operations>>= +name_label:string= +name_description:string=
          .power_state:enum<vm_power_state>="Halted" +user_version:int +is_a_template:bool -is_default_template:bool=
          .suspend_VDI:ref<VDI>= -resident_on:ref<host>~resident_VMs -scheduled_to_be_resident_on:ref<host>=
          +affinity:ref<host> -memory_overhead:int= .memory_target:int= .memory_static_max:int .memory_dynamic_max:int
          .memory_dynamic_min:int .memory_static_min:int +VCPUs_params:map<string,string> .VCPUs_max:int
          .VCPUs_at_startup:int +actions_after_softreboot:enum<on_softreboot_behavior>="soft_reboot"
          +actions_after_shutdown:enum<on_normal_exit> +actions_after_reboot:enum<on_normal_exit>
          .actions_after_crash:enum<on_crash_behaviour> -consoles:set<ref<console>> -VIFs:set<ref<VIF>>
          -VBDs:set<ref<VBD>> -VUSBs:set<ref<VUSB>> -crash_dumps:set<ref<crashdump>> -VTPMs:set<ref<VTPM>>
          +PV_bootloader:string +PV_kernel:string +PV_ramdisk:string +PV_args:string +PV_bootloader_args:string
          +PV_legacy_args:string .HVM_boot_policy:string +HVM_boot_params:map<string,string>
          .HVM_shadow_multiplier:float=1.0 +platform:map<string,string> +PCI_bus:string
          +other_config:map<string,string> -domid:int -domarch:string .last_boot_CPU_flags:map<string,string>=
          -is_control_domain:bool -metrics:ref<VM_metrics> -guest_metrics:ref<VM_guest_metrics>
          .last_booted_record:string= +recommendations:string +xenstore_data:map<string,string>= .ha_always_run:bool=
          .ha_restart_priority:string= -is_a_snapshot:bool= -snapshot_of:ref<VM>~snapshots= -snapshots:set<ref<VM>>
          -snapshot_time:datetime= -transportable_snapshot_id:string= -blobs:map<string,ref<blob>>= +tags:set<string>=
          .blocked_operations:map<enum<vm_operations>,string>= -snapshot_info:map<string,string>=
          -snapshot_metadata:string= -parent:ref<VM>~children= -children:set<ref<VM>>
          -bios_strings:map<string,string>= .protection_policy:ref<VMPP>~VMs= .is_snapshot_from_vmpp:bool=
          .snapshot_schedule:ref<VMSS>~VMs= .is_vmss_snapshot:bool= .appliance:ref<VM_appliance>~VMs=
          .start_delay:int= .shutdown_delay:int= .order:int= -VGPUs:set<ref<VGPU>> -attached_PCIs:set<ref<PCI>>
          +suspend_SR:ref<SR>= .version:int= .generation_id:string="0:0" +hardware_platform_version:int=
          .has_vendor_device:bool=true -requires_reboot:bool= .reference_label:string=
          .domain_type:enum<domain_type>="unspecified" .NVRAM:map<string,string>=
          -pending_guidances:set<enum<update_guidances>>= -pending_guidances_recommended:set<enum<update_guidances>>=
          -pending_guidances_full:set<enum<update_guidances>>= -groups:set<ref<VM_group>>~VMs
          snapshot!(ref<VM>;string;set<ref<VDI>>=)ref<VM> snapshot_with_quiesce!-(ref<VM>;string)ref<VM>
          clone!(ref<VM>;string)ref<VM> copy!(ref<VM>;string;ref<SR>)ref<VM> revert!(ref<VM>)
          checkpoint!(ref<VM>;string)ref<VM> provision!(ref<VM>) start!(ref<VM>;bool;bool)
          start_on!(ref<VM>;ref<host>;bool;bool) pause!(ref<VM>) unpause!(ref<VM>) clean_shutdown!(ref<VM>)
          shutdown!(ref<VM>) clean_reboot!(ref<VM>) hard_shutdown!(ref<VM>) power_state_reset!(ref<VM>)
          hard_reboot!(ref<VM>) suspend!(ref<VM>) csvm!(ref<VM>)ref<VM> resume!(ref<VM>;bool;bool)
          set_is_default_template!(ref<VM>;bool) hard_reboot_internal!(ref<VM>)
          resume_on!(ref<VM>;ref<host>;bool;bool) pool_migrate!(ref<VM>;ref<host>;map<string,string>)
          pool_migrate_complete!(ref<VM>;ref<host>) set_VCPUs_number_live!(ref<VM>;int)
          add_to_VCPUs_params_live!(ref<VM>;string;string) set_NVRAM(ref<VM>;map<string,string>)
          add_to_NVRAM(ref<VM>;string;string) remove_from_NVRAM(ref<VM>;string)
          set_ha_restart_priority(ref<VM>;string) set_ha_always_run(ref<VM>;bool) compute_memory_overhead!(ref<VM>)int
          set_memory_dynamic_max(ref<VM>;int) set_memory_dynamic_min(ref<VM>;int)
          set_memory_dynamic_range!(ref<VM>;int;int) set_memory_static_max(ref<VM>;int)
          set_memory_static_min(ref<VM>;int) set_memory_static_range!(ref<VM>;int;int)
          set_memory_limits!(ref<VM>;int;int;int;int) set_memory!(ref<VM>;int) set_memory_target_live!(ref<VM>;int)
          wait_memory_target_live!(ref<VM>) get_cooperative!(ref<VM>)bool set_HVM_shadow_multiplier(ref<VM>;float)
          set_shadow_multiplier_live!(ref<VM>;float) set_VCPUs_max(ref<VM>;int) set_VCPUs_at_startup(ref<VM>;int)
          send_sysrq!(ref<VM>;string) send_trigger!(ref<VM>;string) maximise_memory!(ref<VM>;int;bool)int
          migrate_send!(ref<VM>;map<string,string>;bool;map<ref<VDI>,ref<SR>>;map<ref<VIF>,ref<network>>;
          map<string,string>;map<ref<VGPU>,ref<GPU_group>>=;map<ref<VDI>,string>=)ref<VM>
          assert_can_migrate!(ref<VM>;map<string,string>;bool;map<ref<VDI>,ref<SR>>;map<ref<VIF>,ref<network>>;
          map<string,string>;map<ref<VGPU>,ref<GPU_group>>=)
          assert_can_migrate_sender!(ref<VM>;map<string,string>;bool;map<ref<VDI>,ref<SR>>;
          map<ref<VIF>,ref<network>>;map<ref<VGPU>,ref<GPU_group>>;map<string,string>)
          get_boot_record(ref<VM>)record<VM> get_data_sources(ref<VM>)set<record<data_source>>
          record_data_source(ref<VM>;string) query_data_source(ref<VM>;string)float
          forget_data_source_archives(ref<VM>;string) assert_operation_valid!(ref<VM>;enum<vm_operations>)
          update_allowed_operations!(ref<VM>) get_allowed_VBD_devices(ref<VM>)set<string>
          get_allowed_VIF_devices(ref<VM>)set<string> get_possible_hosts!(ref<VM>)set<ref<host>>
          assert_can_boot_here!(ref<VM>;ref<host>) atomic_set_resident_on!(ref<VM>;ref<host>)
          create_new_blob!(ref<VM>;string;string;bool=)ref<blob> s3_suspend!(ref<VM>) s3_resume!(ref<VM>)
          assert_agile!(ref<VM>) update_snapshot_metadata!(ref<VM>;ref<VM>;datetime;string)
          retrieve_wlb_recommendations!(ref<VM>)map<ref<host>,set<string>>
          set_bios_strings!(ref<VM>;map<string,string>) copy_bios_strings!(ref<VM>;ref<host>)
          set_protection_policy-(ref<VM>;ref<VMPP>) set_snapshot_schedule(ref<VM>;ref<VMSS>)
          set_start_delay!(ref<VM>;int) set_shutdown_delay!(ref<VM>;int) set_order!(ref<VM>;int)
          set_suspend_VDI!(ref<VM>;ref<VDI>) assert_can_be_recovered!(ref<VM>;ref<session>)
          get_SRs_required_for_recovery!(ref<VM>;ref<session>)set<ref<SR>> recover!(ref<VM>;ref<session>;bool)
          import_convert!(string;string;string;ref<SR>;map<string,string>) set_appliance!(ref<VM>;ref<VM_appliance>)
          set_groups!(ref<VM>;set<ref<VM_group>>) query_services!(ref<VM>)map<string,string>
          call_plugin!(ref<VM>;string;string;map<string,string>)string
          call_host_plugin!(ref<VM>;string;string;map<string,string>)string set_has_vendor_device!(ref<VM>;bool)
          import!(string;ref<SR>;bool;bool)set<ref<VM>> set_actions_after_crash!(ref<VM>;enum<on_crash_behaviour>)
          set_domain_type(ref<VM>;enum<domain_type>) set_HVM_boot_policy(ref<VM>;string)
          set_NVRAM_EFI_variables(ref<VM>;string;enum<update_status>="unspecified") restart_device_models!(ref<VM>)
          set_uefi_mode!(ref<VM>;enum<vm_uefi_mode>)string
          get_secureboot_readiness!(ref<VM>)enum<vm_secureboot_readiness>
          set_blocked_operations!(ref<VM>;map<enum<vm_operations>,string>)
          add_to_blocked_operations!(ref<VM>;enum<vm_operations>;string)
          remove_from_blocked_operations!(ref<VM>;enum<vm_operations>) sysprep!(ref<VM>;string;float)
        class VM_metrics database events get_all
          -uuid:string -memory_actual:int -VCPUs_number:int -VCPUs_utilisation:map<int,float>= -VCPUs_CPU:map<int,int>
          -VCPUs_params:map<string,string> -VCPUs_flags:map<int,set<string>> -state:set<string> -start_time:datetime
          -install_time:datetime -last_updated:datetime +other_config:map<string,string>= -hvm:bool=
          -nested_virt:bool= -nomigrate:bool= -current_domain_type:enum<domain_type>="unspecified"
        class VM_guest_metrics database events get_all
          -uuid:string -os_version:map<string,string> -netbios_name:map<string,string>=
          -PV_drivers_version:map<string,string> -PV_drivers_up_to_date:bool -memory:map<string,string>=
          -disks:map<string,string>= -networks:map<string,string> -other:map<string,string> -last_updated:datetime
          +other_config:map<string,string>= -live:bool= -can_use_hotplug_vbd:enum<tristate_type>="unspecified"
          -can_use_hotplug_vif:enum<tristate_type>="unspecified" -PV_drivers_detected:bool=
          -services:map<string,string>=
        class VMPP database events get_all create
          -uuid:string +name_label:string= +name_description:string= +is_policy_enabled:bool=true
          +backup_type:enum<vmpp_backup_type>="snapshot" .backup_retention_value:int=7
          .backup_frequency:enum<vmpp_backup_frequency>="daily" .backup_schedule:map<string,string>=
          -is_backup_running:bool -backup_last_run_time:datetime=
          .archive_target_type:enum<vmpp_archive_target_type>="none" .archive_target_config:map<string,string>=
          .archive_frequency:enum<vmpp_archive_frequency>="never" .archive_schedule:map<string,string>=
          -is_archive_running:bool -archive_last_run_time:datetime= -VMs:set<ref<VM>> .is_alarm_enabled:bool=
          .alarm_config:map<string,string>= -recent_alerts:set<string>=
          protect_now-(ref<VMPP>)string archive_now-(ref<VM>)string create_alert-(ref<VMPP>;string;int;string;string)
          get_alerts-(ref<VMPP>;int)set<string> set_backup_retention_value-(ref<VMPP>;int)
          set_is_backup_running-(ref<VMPP>;bool) set_is_archive_running-(ref<VMPP>;bool)
          set_backup_frequency-(ref<VMPP>;enum<vmpp_backup_frequency>)
          set_backup_schedule-(ref<VMPP>;map<string,string>)
          set_archive_frequency-(ref<VMPP>;enum<vmpp_archive_frequency>)
          set_archive_schedule-(ref<VMPP>;map<string,string>)
          set_archive_target_type-(ref<VMPP>;enum<vmpp_archive_target_type>)
          set_archive_target_config-(ref<VMPP>;map<string,string>) set_is_alarm_enabled-(ref<VMPP>;bool)
          set_alarm_config-(ref<VMPP>;map<string,string>) add_to_backup_schedule-(ref<VMPP>;string;string)
          add_to_archive_target_config-(ref<VMPP>;string;string) add_to_archive_schedule-(ref<VMPP>;string;string)
          add_to_alarm_config-(ref<VMPP>;string;string) remove_from_backup_schedule-(ref<VMPP>;string)
          remove_from_archive_target_config-(ref<VMPP>;string) remove_from_archive_schedule-(ref<VMPP>;string)
          remove_from_alarm_config-(ref<VMPP>;string) set_backup_last_run_time-(ref<VMPP>;datetime)
          set_archive_last_run_time-(ref<VMPP>;datetime)
        class VMSS database events get_all create
          -uuid:string +name_label:string= +name_description:string= +enabled:bool=true .type:enum<vmss_type>
          .retained_snapshots:int=7 .frequency:enum<vmss_frequency> .schedule:map<string,string>=
          -last_run_time:datetime= -VMs:set<ref<VM>>
          snapshot_now(ref<VMSS>)string set_retained_snapshots(ref<VMSS>;int)
          set_frequency(ref<VMSS>;enum<vmss_frequency>) set_schedule(ref<VMSS>;map<string,string>)
          add_to_schedule(ref<VMSS>;string;string) remove_from_schedule(ref<VMSS>;string)
          set_last_run_time(ref<VMSS>;datetime) set_type(ref<VMSS>;enum<vmss_type>)
        class VM_appliance database events get_all create
          -uuid:string +name_label:string= +name_description:string=
          -allowed_operations:set<enum<vm_appliance_operation>>=
          -current_operations:map<string,enum<vm_appliance_operation>>= -VMs:set<ref<VM>>
          start!(ref<VM_appliance>;bool) clean_shutdown!(ref<VM_appliance>) hard_shutdown!(ref<VM_appliance>)
          shutdown!(ref<VM_appliance>) assert_can_be_recovered!(ref<VM_appliance>;ref<session>)
          get_SRs_required_for_recovery!(ref<VM_appliance>;ref<session>)set<ref<SR>>
          recover!(ref<VM_appliance>;ref<session>;bool)
        class DR_task database events get_all
          -uuid:string -introduced_SRs:set<ref<SR>>
          create!(string;map<string,string>;set<string>)ref<DR_task> destroy!(ref<DR_task>)
        class host database events get_all
          -uuid:string +name_label:string= +name_description:string= -memory_overhead:int=
          -allowed_operations:set<enum<host_allowed_operations>>=
          -current_operations:map<string,enum<host_allowed_operations>>= -API_version_major:int -API_version_minor:int
          -API_version_vendor:string -API_version_vendor_implementation:map<string,string> -enabled:bool
          .software_version:map<string,string> +other_config:map<string,string> .capabilities:set<string>
          -cpu_configuration:map<string,string> -sched_policy:string -supported_bootloaders:set<string>
          -resident_VMs:set<ref<VM>> +logging:map<string,string> -PIFs:set<ref<PIF>> +suspend_image_sr:ref<SR>
          +crash_dump_sr:ref<SR> -crashdumps:set<ref<host_crashdump>> -patches:set<ref<host_patch>>
          -updates:set<ref<pool_update>>~hosts -PBDs:set<ref<PBD>> -host_CPUs:set<ref<host_cpu>>
          -cpu_info:map<string,string>= +hostname:string +address:string -metrics:ref<host_metrics>
          -license_params:map<string,string> -ha_statefiles:set<string>= -ha_network_peers:set<string>=
          -blobs:map<string,ref<blob>>= +tags:set<string>= -external_auth_type:string=
          -external_auth_service_name:string= -external_auth_configuration:map<string,string>= -edition:string=
          +license_server:map<string,string>={"address":"localhost","port":"27000"} -bios_strings:map<string,string>=
          -power_on_mode:string= -power_on_config:map<string,string>= .local_cache_sr:ref<SR>=
          -chipset_info:map<string,string>= -PCIs:set<ref<PCI>> -PGPUs:set<ref<PGPU>> -PUSBs:set<ref<PUSB>>
          .ssl_legacy:bool=true +guest_VCPUs_params:map<string,string>= +display:enum<host_display>="enabled"
          -virtual_hardware_platform_versions:set<int>=[0] -control_domain:ref<VM>=
          -updates_requiring_reboot:set<ref<pool_update>> -features:set<ref<Feature>> .iscsi_iqn:string=
          .multipathing:bool= .uefi_certificates:string= -certificates:set<ref<Certificate>> -editions:set<string>=
          -pending_guidances:set<enum<update_guidances>>= -tls_verification_enabled:bool=
          -last_software_update:datetime= -https_only:bool=
          -latest_synced_updates_applied:enum<latest_synced_updates_applied_state>="unknown"
          -numa_affinity_policy:enum<host_numa_affinity_policy>="default_policy"
          -pending_guidances_recommended:set<enum<update_guidances>>=
          -pending_guidances_full:set<enum<update_guidances>>= -last_update_hash:string= -ssh_enabled:bool=true
          -ssh_enabled_timeout:int= -ssh_expiry:datetime= -console_idle_timeout:int= -ssh_auto_mode:bool=
          -max_cstate:string= -secure_boot:bool= -ntp_mode:enum<host_ntp_mode>="Factory"
          -ntp_custom_servers:set<string>= -timezone:string="UTC"
          disable!(ref<host>;bool=true) enable!(ref<host>) shutdown!(ref<host>) reboot!(ref<host>)
          prepare_for_poweroff!(ref<host>) dmesg!(ref<host>)string dmesg_clear!(ref<host>)string
          get_log!(ref<host>)string send_debug_keys!(ref<host>;string)
          bugreport_upload!(ref<host>;string;map<string,string>) list_methods()set<string>
          license_apply!-(ref<host>;string) license_add!(ref<host>;string) license_remove!(ref<host>)
          create!(string;string;string;string;string;string=;string=;map<string,string>=;map<string,string>=;
          string=;map<string,string>={"address":"localhost","port":"27000"};ref<SR>=;map<string,string>=;
          bool=true;datetime=;string=;bool=true;int=;datetime=;int=;bool=;bool=;map<string,string>=;bool=;
          string=;enum<host_ntp_mode>="Factory";set<string>=;string="UTC";
          enum<host_numa_affinity_policy>="default_policy";enum<latest_synced_updates_applied_state>=[];
          set<enum<update_guidances>>=;set<enum<update_guidances>>=)ref<host> destroy!(ref<host>) power_on!(ref<host>)
          set_license_params!(ref<host>;map<string,string>) emergency_ha_disable(bool=) ha_disarm_fencing!(ref<host>)
          preconfigure_ha!(ref<host>;set<ref<VDI>>;ref<VDI>;string) ha_join_liveset!(ref<host>)
          ha_disable_failover_decisions!(ref<host>) ha_wait_for_shutdown_via_statefile!(ref<host>)
          ha_stop_daemon!(ref<host>) ha_release_resources!(ref<host>) ha_xapi_healthcheck()bool local_assert_healthy()
          request_backup(ref<host>;int;bool) request_config_file_sync(ref<host>;string)
          propose_new_master(string;bool) commit_new_master(string) abort_new_master(string)
          get_data_sources(ref<host>)set<record<data_source>> record_data_source(ref<host>;string)
          query_data_source(ref<host>;string)float forget_data_source_archives(ref<host>;string)
          assert_can_evacuate!(ref<host>) get_vms_which_prevent_evacuation!(ref<host>)map<ref<VM>,set<string>>
          get_uncooperative_resident_VMs!(ref<host>)set<ref<VM>> get_uncooperative_domains!(ref<host>)set<string>
          evacuate!(ref<host>;ref<network>=;int=) signal_networking_change() notify!(string;string)
          syslog_reconfigure!(ref<host>) management_reconfigure!(ref<PIF>) local_management_reconfigure(string)
          management_disable() get_management_interface!(ref<host>)ref<PIF>
          get_system_status_capabilities(ref<host>)string
          get_diagnostic_timing_stats(ref<host>;bool=)map<string,string> restart_agent!(ref<host>) shutdown_agent()
          set_hostname_live(ref<host>;string) is_in_emergency_mode()bool compute_free_memory!(ref<host>)int
          compute_memory_overhead!(ref<host>)int tickle_heartbeat(ref<host>;map<string,string>)map<string,string>
          sync_data(ref<host>) backup_rrds(ref<host>;float) create_new_blob!(ref<host>;string;string;bool=)ref<blob>
          call_plugin!(ref<host>;string;string;map<string,string>)string has_extension!(ref<host>;string)bool
          call_extension(ref<host>;string)string get_servertime(ref<host>)datetime
          get_server_localtime(ref<host>)datetime enable_binary_storage!(ref<host>) disable_binary_storage!(ref<host>)
          enable_external_auth(ref<host>;map<string,string>;string;string)
          disable_external_auth(ref<host>;map<string,string>=;bool=)
          retrieve_wlb_evacuate_recommendations!(ref<host>)map<ref<VM>,set<string>>
          install_ca_certificate!(ref<host>;string;string) uninstall_ca_certificate!(ref<host>;string;bool=)
          certificate_list!(ref<host>)set<string> crl_install!(ref<host>;string;string)
          crl_uninstall!(ref<host>;string) crl_list!(ref<host>)set<string> certificate_sync!(ref<host>)
          get_server_certificate!(ref<host>)string refresh_server_certificate!(ref<host>)
          install_server_certificate!(ref<host>;string;string;string=) emergency_reset_server_certificate()
          reset_server_certificate!(ref<host>) update_pool_secret!(ref<host>;string) update_master!(ref<host>;string)
          attach_static_vdis!(ref<host>;map<ref<VDI>,string>) detach_static_vdis!(ref<host>;set<ref<VDI>>)
          set_localdb_key!(ref<host>;string;string) apply_edition(ref<host>;string;bool=)
          refresh_pack_info!(ref<host>) set_power_on_mode!(ref<host>;string;map<string,string>)
          set_cpu_features-(ref<host>;string) reset_cpu_features-(ref<host>) reset_networking!(ref<host>)
          enable_local_storage_caching(ref<host>;ref<SR>) disable_local_storage_caching(ref<host>)
          get_sm_diagnostics(ref<host>)string get_thread_diagnostics(ref<host>)string
          sm_dp_destroy(ref<host>;string;bool) sync_vlans(ref<host>) sync_tunnels(ref<host>)
          sync_pif_currently_attached(ref<host>;set<string>)
          migrate_receive!(ref<host>;ref<network>;map<string,string>)map<string,string> declare_dead!(ref<host>)
          enable_display!(ref<host>)enum<host_display> disable_display!(ref<host>)enum<host_display>
          set_ssl_legacy!(ref<host>;bool) apply_guest_agent_config!(ref<host>) mxgpu_vf_setup!(ref<host>)
          nvidia_vf_setup!(ref<host>;ref<PCI>;bool) allocate_resources_for_vm!(ref<host>;ref<VM>;bool)
          set_iscsi_iqn!(ref<host>;string) set_multipathing!(ref<host>;bool)
          write_uefi_certificates_to_disk!(ref<host>) set_uefi_certificates!(ref<host>;string)
          notify_accept_new_pool_secret!(ref<host>;string;string)
          notify_send_new_pool_secret!(ref<host>;string;string) cleanup_pool_secret!(ref<host>;string;string)
          set_sched_gran!(ref<host>;enum<host_sched_gran>) get_sched_gran!(ref<host>)enum<host_sched_gran>
          set_numa_affinity_policy!(ref<host>;enum<host_numa_affinity_policy>) emergency_disable_tls_verification()
          emergency_reenable_tls_verification() cert_distrib_atom!(ref<host>;string)string
          apply_updates!(ref<host>;string)set<set<string>> rescan_drivers!(ref<host>)
          copy_primary_host_certs!(ref<host>) set_https_only!(ref<host>;bool) apply_recommended_guidances!-(ref<host>)
          emergency_clear_mandatory_guidance() enable_ssh!(ref<host>) disable_ssh!(ref<host>)
          set_ssh_enabled_timeout!(ref<host>;int) set_console_idle_timeout!(ref<host>;int)
          set_ssh_auto_mode!(ref<host>;bool) get_tracked_user_agents!(ref<host>)map<string,string>
          update_firewalld_service_status() set_max_cstate!(ref<host>;string)
          set_ntp_mode!(ref<host>;enum<host_ntp_mode>) set_ntp_custom_servers!(ref<host>;set<string>)
          get_ntp_servers_status!(ref<host>)map<string,string> set_timezone!(ref<host>;string)
          list_timezones!(ref<host>)set<string> get_ntp_synchronized!(ref<host>)bool
          set_servertime!(ref<host>;datetime)
        class host_crashdump database events get_all
          -uuid:string .host:ref<host>~crashdumps -timestamp:datetime -size:int +other_config:map<string,string>=
          destroy!(ref<host_crashdump>) upload!(ref<host_crashdump>;string;map<string,string>)
        class host_patch database events get_all
          -uuid:string .name_label:string= .name_description:string= .version:string .host:ref<host>~patches
          -applied:bool -timestamp_applied:datetime -size:int .pool_patch:ref<pool_patch>~host_patches=
          +other_config:map<string,string>=
          destroy!(ref<host_patch>) apply!(ref<host_patch>)string
        class host_metrics database events get_all
          -uuid:string -memory_total:int -memory_free:int= -live:bool -last_updated:datetime
          +other_config:map<string,string>=
        class host_cpu database events get_all
          -uuid:string -host:ref<host>~host_CPUs -number:int -vendor:string -speed:int -modelname:string -family:int
          -model:int -stepping:string -flags:string -features:string -utilisation:float
          +other_config:map<string,string>=
        class network database events get_all create
          -uuid:string +name_label:string= +name_description:string=
          -allowed_operations:set<enum<network_operations>>= -current_operations:map<string,enum<network_operations>>=
          -VIFs:set<ref<VIF>> -PIFs:set<ref<PIF>> +MTU:int=1500 +other_config:map<string,string> .bridge:string=
          .managed:bool=true -blobs:map<string,ref<blob>>= +tags:set<string>=
          -default_locking_mode:enum<network_default_locking_mode>="unlocked" -assigned_ips:map<ref<VIF>,string>=
          -purpose:set<enum<network_purpose>>=
          attach!(ref<network>;ref<host>)
          pool_introduce!(string;string;int;map<string,string>;string;bool;set<enum<network_purpose>>)ref<network>
          create_new_blob!(ref<network>;string;string;bool=)ref<blob>
          set_default_locking_mode!(ref<network>;enum<network_default_locking_mode>) attach_for_vm!(ref<host>;ref<VM>)
          detach_for_vm!(ref<host>;ref<VM>) add_purpose!(ref<network>;enum<network_purpose>)
          remove_purpose!(ref<network>;enum<network_purpose>)
        class VIF database events get_all create
          -uuid:string -allowed_operations:set<enum<vif_operations>>=
          -current_operations:map<string,enum<vif_operations>>= .device:string .network:ref<network>~VIFs
          .VM:ref<VM>~VIFs .MAC:string .MTU:int +other_config:map<string,string> .currently_attached:bool=
          -status_code:int -status_detail:string -runtime_properties:map<string,string> +qos_algorithm_type:string
          +qos_algorithm_params:map<string,string> -qos_supported_algorithms:set<string> -metrics:ref<VIF_metrics>=
          -MAC_autogenerated:bool= .locking_mode:enum<vif_locking_mode>="network_default" .ipv4_allowed:set<string>=
          .ipv6_allowed:set<string>= -ipv4_configuration_mode:enum<vif_ipv4_configuration_mode>="None"
          -ipv4_addresses:set<string>= -ipv4_gateway:string=
          -ipv6_configuration_mode:enum<vif_ipv6_configuration_mode>="None" -ipv6_addresses:set<string>=
          -ipv6_gateway:string=
          plug!(ref<VIF>) unplug!(ref<VIF>) unplug_force!(ref<VIF>) move!(ref<VIF>;ref<network>)
          set_locking_mode!(ref<VIF>;enum<vif_locking_mode>) set_ipv4_allowed!(ref<VIF>;set<string>)
          add_ipv4_allowed!(ref<VIF>;string) remove_ipv4_allowed!(ref<VIF>;string)
          set_ipv6_allowed!(ref<VIF>;set<string>) add_ipv6_allowed!(ref<VIF>;string)
          remove_ipv6_allowed!(ref<VIF>;string)
          configure_ipv4!(ref<VIF>;enum<vif_ipv4_configuration_mode>;string=;string=)
          configure_ipv6!(ref<VIF>;enum<vif_ipv6_configuration_mode>;string=;string=)
        class VIF_metrics database events get_all
          -uuid:string -io_read_kbs:float= -io_write_kbs:float= -last_updated:datetime
          +other_config:map<string,string>=
        class PIF database events get_all
          -uuid:string .device:string .network:ref<network>~PIFs .host:ref<host>~PIFs .MAC:string .MTU:int .VLAN:int
          -metrics:ref<PIF_metrics> -physical:bool= -currently_attached:bool=true
          -ip_configuration_mode:enum<ip_configuration_mode>="None" -IP:string= -netmask:string= -gateway:string=
          -DNS:string= -bond_slave_of:ref<Bond>~slaves= -bond_master_of:set<ref<Bond>> -VLAN_master_of:ref<VLAN>=
          -VLAN_slave_of:set<ref<VLAN>> -management:bool= +other_config:map<string,string>= -disallow_unplug:bool=
          -tunnel_access_PIF_of:set<ref<tunnel>> -tunnel_transport_PIF_of:set<ref<tunnel>>
          -ipv6_configuration_mode:enum<ipv6_configuration_mode>="None" -IPv6:set<string>= -ipv6_gateway:string=
          -primary_address_type:enum<primary_address_type>="IPv4" .managed:bool=true -properties:map<string,string>=
          -capabilities:set<string>= -igmp_snooping_status:enum<pif_igmp_status>="unknown"
          -sriov_physical_PIF_of:set<ref<network_sriov>> -sriov_logical_PIF_of:set<ref<network_sriov>> -PCI:ref<PCI>=
          create_VLAN!(string;ref<network>;ref<host>;int)ref<PIF> destroy!(ref<PIF>)
          reconfigure_ip!(ref<PIF>;enum<ip_configuration_mode>;string;string;string;string)
          reconfigure_ipv6!(ref<PIF>;enum<ipv6_configuration_mode>;string;string;string)
          set_primary_address_type!(ref<PIF>;enum<primary_address_type>) scan!(ref<host>)
          introduce!(ref<host>;string;string;bool=true)ref<PIF> forget!(ref<PIF>) unplug!(ref<PIF>)
          set_disallow_unplug!(ref<PIF>;bool) plug!(ref<PIF>)
          pool_introduce!(string;ref<network>;ref<host>;string;int;int;bool;enum<ip_configuration_mode>;string;
          string;string;string;ref<Bond>;ref<VLAN>;bool;map<string,string>;bool=;
          enum<ipv6_configuration_mode>="None";set<string>=;string=;enum<primary_address_type>="IPv4";
          bool=true;map<string,string>=)ref<PIF>
          db_introduce!(string;ref<network>;ref<host>;string;int;int;bool;enum<ip_configuration_mode>;string;
          string;string;string;ref<Bond>;ref<VLAN>;bool;map<string,string>;bool=;
          enum<ipv6_configuration_mode>="None";set<string>=;string=;enum<primary_address_type>="IPv4";
          bool=true;map<string,string>=)ref<PIF> db_forget!(ref<PIF>) set_property!(ref<PIF>;string;string)
        class PIF_metrics database events get_all
          -uuid:string -io_read_kbs:float= -io_write_kbs:float= -carrier:bool -vendor_id:string -vendor_name:string
          -device_id:string -device_name:string -speed:int -duplex:bool -pci_bus_path:string -last_updated:datetime
          +other_config:map<string,string>=
        class Bond database events get_all
          -uuid:string .master:ref<PIF>~bond_master_of= -slaves:set<ref<PIF>> +other_config:map<string,string>=
          -primary_slave:ref<PIF>= -mode:enum<bond_mode>="balance-slb" -properties:map<string,string>= -links_up:int=
          -auto_update_mac:bool=true
          create!(ref<network>;set<ref<PIF>>;string;enum<bond_mode>="balance-slb";map<string,string>=)ref<Bond>
          destroy!(ref<Bond>) set_mode!(ref<Bond>;enum<bond_mode>) set_property!(ref<Bond>;string;string)
        class VLAN database events get_all
          -uuid:string .tagged_PIF:ref<PIF>~VLAN_slave_of= -untagged_PIF:ref<PIF>= .tag:int=-1
          +other_config:map<string,string>=
          pool_introduce!(ref<PIF>;ref<PIF>;int;map<string,string>)ref<VLAN>
          create!(ref<PIF>;int;ref<network>)ref<VLAN> destroy!(ref<VLAN>)
        class SM database events get_all
          -uuid:string -name_label:string= -name_description:string= -type:string -vendor:string -copyright:string
          -version:string -required_api_version:string -configuration:map<string,string> -capabilities:set<string>=
          -features:map<string,int>= +other_config:map<string,string>= -driver_filename:string=
          -required_cluster_stack:set<string>=
        class SR database events get_all
          -uuid:string .name_label:string= .name_description:string=
          -allowed_operations:set<enum<storage_operations>>= -current_operations:map<string,enum<storage_operations>>=
          -VDIs:set<ref<VDI>> -PBDs:set<ref<PBD>> -virtual_allocation:int -physical_utilisation:int .physical_size:int
          .type:string .content_type:string -shared:bool +other_config:map<string,string> +tags:set<string>=
          +sm_config:map<string,string>= -blobs:map<string,ref<blob>>= -local_cache_enabled:bool=
          -introduced_by:ref<DR_task>~introduced_SRs= -clustered:bool= -is_tools_sr:bool=
          create!(ref<host>;map<string,string>;int;string;string;string;string;bool;map<string,string>=)ref<SR>
          introduce!(string;string;string;string;string;bool;map<string,string>=)ref<SR>
          make!(ref<host>;map<string,string>;int;string;string;string;string;map<string,string>=)string
          destroy!(ref<SR>) forget!(ref<SR>) update!(ref<SR>) get_supported_types()set<string> scan!(ref<SR>)
          probe!(ref<host>;map<string,string>;string;map<string,string>=)string
          probe_ext!(ref<host>;map<string,string>;string;map<string,string>=)set<record<probe_result>>
          set_shared!(ref<SR>;bool) set_name_label!(ref<SR>;string) set_name_description!(ref<SR>;string)
          create_new_blob!(ref<SR>;string;string;bool=)ref<blob> set_physical_size(ref<SR>;int)
          set_virtual_allocation(ref<SR>;int) set_physical_utilisation(ref<SR>;int)
          assert_can_host_ha_statefile!(ref<SR>) assert_supports_database_replication!(ref<SR>)
          enable_database_replication!(ref<SR>) disable_database_replication!(ref<SR>)
          get_data_sources(ref<SR>)set<record<data_source>> record_data_source(ref<SR>;string)
          query_data_source(ref<SR>;string)float forget_data_source_archives(ref<SR>;string)
          get_live_hosts!(ref<SR>)set<ref<host>>
        class sr_stat
          -uuid:option<string> -name_label:string -name_description:string -free_space:int -total_space:int
          -clustered:bool -health:enum<sr_health>
        class probe_result
          -configuration:map<string,string> -complete:bool -sr:option<record<sr_stat>> -extra_info:map<string,string>
        class LVHD database events
          -uuid:string
          enable_thin_provisioning!(ref<host>;ref<SR>;int;int)string
        class VDI database events get_all create
          -uuid:string .name_label:string= .name_description:string= -allowed_operations:set<enum<vdi_operations>>=
          -current_operations:map<string,enum<vdi_operations>>= .SR:ref<SR>~VDIs -VBDs:set<ref<VBD>>
          -crash_dumps:set<ref<crashdump>> .virtual_size:int -physical_utilisation:int .type:enum<vdi_type>
          .sharable:bool .read_only:bool +other_config:map<string,string> -storage_lock:bool -location:string=
          -managed:bool -missing:bool -parent:ref<VDI> +xenstore_data:map<string,string>=
          +sm_config:map<string,string>= -is_a_snapshot:bool= -snapshot_of:ref<VDI>~snapshots=
          -snapshots:set<ref<VDI>> -snapshot_time:datetime= +tags:set<string>= -allow_caching:bool=
          -on_boot:enum<on_boot>="persist" -metadata_of_pool:ref<pool>~metadata_VDIs= -metadata_latest:bool=
          -is_tools_iso:bool= -cbt_enabled:bool=
          snapshot!(ref<VDI>;map<string,string>=)ref<VDI> clone!(ref<VDI>;map<string,string>=)ref<VDI>
          resize!(ref<VDI>;int) resize_online!(ref<VDI>;int)
          introduce!(string;string;string;ref<SR>;enum<vdi_type>;bool;bool;map<string,string>;string;
          map<string,string>=;map<string,string>=;bool=true;int=;int=;ref<pool>=;bool=;datetime=; ref<VDI>=)ref<VDI>
          pool_introduce!(string;string;string;ref<SR>;enum<vdi_type>;bool;bool;map<string,string>;string;
          map<string,string>=;map<string,string>=;bool=true;int=;int=;ref<pool>=;bool=;datetime=;ref<VDI>=;
          bool=)ref<VDI>
          db_introduce!(string;string;string;ref<SR>;enum<vdi_type>;bool;bool;map<string,string>;string;
          map<string,string>=;map<string,string>=;bool=true;int=;int=;ref<pool>=;bool=;datetime=;ref<VDI>=;
          bool=)ref<VDI> db_forget!(ref<VDI>) update!(ref<VDI>) copy!(ref<VDI>;ref<SR>=;ref<VDI>=;ref<VDI>=)ref<VDI>
          force_unlock!(ref<VDI>) set_managed(ref<VDI>;bool) forget!(ref<VDI>) set_sharable(ref<VDI>;bool)
          set_read_only(ref<VDI>;bool) set_missing(ref<VDI>;bool) set_virtual_size(ref<VDI>;int)
          set_physical_utilisation(ref<VDI>;int) set_is_a_snapshot(ref<VDI>;bool) set_snapshot_of(ref<VDI>;ref<VDI>)
          set_snapshot_time(ref<VDI>;datetime) set_metadata_of_pool(ref<VDI>;ref<pool>)
          set_name_label!(ref<VDI>;string) set_name_description!(ref<VDI>;string)
          generate_config!(ref<host>;ref<VDI>)string set_on_boot!(ref<VDI>;enum<on_boot>)
          set_allow_caching!(ref<VDI>;bool) open_database!(ref<VDI>)ref<session> checksum!(ref<VDI>)string
          read_database_pool_uuid!(ref<VDI>)string pool_migrate!(ref<VDI>;ref<SR>;map<string,string>)ref<VDI>
          enable_cbt!(ref<VDI>) disable_cbt!(ref<VDI>) set_cbt_enabled!(ref<VDI>;bool) data_destroy!(ref<VDI>)
          list_changed_blocks!(ref<VDI>;ref<VDI>)string get_nbd_info(ref<VDI>)set<record<vdi_nbd_server_info>>
        class VBD database events get_all create
          -uuid:string -allowed_operations:set<enum<vbd_operations>>=
          -current_operations:map<string,enum<vbd_operations>>= .VM:ref<VM>~VBDs .VDI:ref<VDI>~VBDs .device:string=
          +userdevice:string +bootable:bool .mode:enum<vbd_mode> +type:enum<vbd_type> +unpluggable:bool=true
          -storage_lock:bool .empty:bool +other_config:map<string,string> .currently_attached:bool= -status_code:int
          -status_detail:string -runtime_properties:map<string,string> +qos_algorithm_type:string
          +qos_algorithm_params:map<string,string> -qos_supported_algorithms:set<string> -metrics:ref<VBD_metrics>=
          eject!(ref<VBD>) insert!(ref<VBD>;ref<VDI>) plug!(ref<VBD>) unplug!(ref<VBD>) unplug_force!(ref<VBD>)
          unplug_force_no_safety_check!(ref<VBD>) assert_attachable!(ref<VBD>) pause!(ref<VBD>)string
          unpause!(ref<VBD>;string=) set_mode!(ref<VBD>;enum<vbd_mode>)
        class VBD_metrics database events get_all
          -uuid:string -io_read_kbs:float= -io_write_kbs:float= -last_updated:datetime=
          +other_config:map<string,string>=
        class PBD database events get_all create
          -uuid:string .host:ref<host>~PBDs .SR:ref<SR>~PBDs .device_config:map<string,string>
          -currently_attached:bool +other_config:map<string,string>=
          plug!(ref<PBD>) unplug!(ref<PBD>) set_device_config!(ref<PBD>;map<string,string>)
        class crashdump database events get_all
          -uuid:string .VM:ref<VM>~crash_dumps .VDI:ref<VDI>~crash_dumps +other_config:map<string,string>=
          destroy!(ref<crashdump>)
        class VTPM database events get_all
          -uuid:string -allowed_operations:set<enum<vtpm_operations>>=
          -current_operations:map<string,enum<vtpm_operations>>= .VM:ref<VM>~VTPMs -backend:ref<VM>=
          -persistence_backend:enum<persistence_backend>="xapi" .is_unique:bool= -is_protected:bool=
          create!(ref<VM>;bool)ref<VTPM> destroy!(ref<VTPM>) get_contents!(ref<VTPM>)string
          set_contents!(ref<VTPM>;string)
        class console database events get_all create
          -uuid:string -protocol:enum<console_protocol> -location:string -VM:ref<VM>~consoles
          +other_config:map<string,string>
        class user database create
          -uuid:string .short_name:string +fullname:string +other_config:map<string,string>=
        class data_source
          -name_label:string= -name_description:string= -enabled:bool -standard:bool -units:string -min:float
          -max:float -value:float
        class blob database events get_all
          -uuid:string +name_label:string= +name_description:string= -size:int +public:bool= .last_updated:datetime
          .mime_type:string
          create(string;bool=)ref<blob> destroy(ref<blob>)
        class message events
          -uuid:string -name:string -priority:int -cls:enum<cls> -obj_uuid:string -timestamp:datetime -body:string
          create(string;int;enum<cls>;string;string)ref<message> destroy(ref<message>)
          destroy_many!(set<ref<message>>) get(enum<cls>;string;datetime)map<ref<message>,record<message>>
          get_all()set<ref<message>> get_since(datetime)map<ref<message>,record<message>>
          get_record(ref<message>)record<message> get_by_uuid(string)ref<message>
          get_all_records()map<ref<message>,record<message>>
          get_all_records_where(string)map<ref<message>,record<message>>
        class secret database get_all create
          -uuid:string +value:string +other_config:map<string,string>=
          introduce(string;string;map<string,string>=)ref<secret>
        class tunnel database events get_all
          -uuid:string .access_PIF:ref<PIF>~tunnel_access_PIF_of= .transport_PIF:ref<PIF>~tunnel_transport_PIF_of=
          +status:map<string,string>={"active":"false"} +other_config:map<string,string>=
          +protocol:enum<tunnel_protocol>="gre"
          create!(ref<PIF>;ref<network>;enum<tunnel_protocol>="gre")ref<tunnel> destroy!(ref<tunnel>)
        class network_sriov database events get_all
          -uuid:string .physical_PIF:ref<PIF>~sriov_physical_PIF_of= .logical_PIF:ref<PIF>~sriov_logical_PIF_of=
          -requires_reboot:bool= -configuration_mode:enum<sriov_configuration_mode>="unknown"
          create!(ref<PIF>;ref<network>)ref<network_sriov> destroy!(ref<network_sriov>)
          get_remaining_capacity!(ref<network_sriov>)int
        class PCI database events get_all
          -uuid:string .class_id:string= .class_name:string= .vendor_id:string= .vendor_name:string=
          .device_id:string= .device_name:string= .host:ref<host>~PCIs= .pci_id:string= -dependencies:set<ref<PCI>>
          +other_config:map<string,string>= .subsystem_vendor_id:string= .subsystem_vendor_name:string=
          .subsystem_device_id:string= .subsystem_device_name:string= .driver_name:string=
          disable_dom0_access!(ref<PCI>)enum<pci_dom0_access> enable_dom0_access!(ref<PCI>)enum<pci_dom0_access>
          get_dom0_access_status!(ref<PCI>)enum<pci_dom0_access>
        class PGPU database events get_all
          -uuid:string .PCI:ref<PCI>= .GPU_group:ref<GPU_group>~PGPUs= -host:ref<host>~PGPUs=
          +other_config:map<string,string>= -supported_VGPU_types:set<ref<VGPU_type>>~supported_on_PGPUs
          -enabled_VGPU_types:set<ref<VGPU_type>>~enabled_on_PGPUs -resident_VGPUs:set<ref<VGPU>>
          -supported_VGPU_max_capacities:map<ref<VGPU_type>,int>= -dom0_access:enum<pci_dom0_access>="enabled"
          -is_system_display_device:bool= -compatibility_metadata:map<string,string>=
          add_enabled_VGPU_types!(ref<PGPU>;ref<VGPU_type>) remove_enabled_VGPU_types!(ref<PGPU>;ref<VGPU_type>)
          set_enabled_VGPU_types!(ref<PGPU>;set<ref<VGPU_type>>) set_GPU_group!(ref<PGPU>;ref<GPU_group>)
          get_remaining_capacity!(ref<PGPU>;ref<VGPU_type>)int enable_dom0_access!(ref<PGPU>)enum<pci_dom0_access>
          disable_dom0_access!(ref<PGPU>)enum<pci_dom0_access>
        class GPU_group database events get_all
          -uuid:string +name_label:string= +name_description:string= -PGPUs:set<ref<PGPU>> -VGPUs:set<ref<VGPU>>
          -GPU_types:set<string>= +other_config:map<string,string>=
          +allocation_algorithm:enum<allocation_algorithm>="depth_first"
          -supported_VGPU_types:set<ref<VGPU_type>>~supported_on_GPU_groups
          -enabled_VGPU_types:set<ref<VGPU_type>>~enabled_on_GPU_groups
          create!(string=;string=;map<string,string>=)ref<GPU_group> destroy!(ref<GPU_group>)
          update_enabled_VGPU_types!(ref<GPU_group>) update_supported_VGPU_types!(ref<GPU_group>)
          get_remaining_capacity!(ref<GPU_group>;ref<VGPU_type>)int
        class VGPU database events get_all
          -uuid:string -VM:ref<VM>~VGPUs -GPU_group:ref<GPU_group>~VGPUs -device:string="0" -currently_attached:bool=
          +other_config:map<string,string>= -type:ref<VGPU_type>~VGPUs= -resident_on:ref<PGPU>~resident_VGPUs=
          -scheduled_to_be_resident_on:ref<PGPU>= -compatibility_metadata:map<string,string>= +extra_args:string=
          -PCI:ref<PCI>=
          create!(ref<VM>;ref<GPU_group>;string="0";map<string,string>=;ref<VGPU_type>=)ref<VGPU> destroy!(ref<VGPU>)
          atomic_set_resident_on!(ref<VGPU>;ref<PGPU>)
        class VGPU_type database events get_all
          -uuid:string .vendor_name:string= .model_name:string= .framebuffer_size:int= .max_heads:int=
          .max_resolution_x:int= .max_resolution_y:int= -supported_on_PGPUs:set<ref<PGPU>>
          -enabled_on_PGPUs:set<ref<PGPU>> -VGPUs:set<ref<VGPU>> -supported_on_GPU_groups:set<ref<GPU_group>>
          -enabled_on_GPU_groups:set<ref<GPU_group>> .implementation:enum<vgpu_type_implementation>="passthrough"
          .identifier:string= .experimental:bool= -compatible_types_in_vm:set<ref<VGPU_type>>=
        class PVS_site database events get_all
          -uuid:string +name_label:string= +name_description:string= .PVS_uuid:string=
          -cache_storage:set<ref<PVS_cache_storage>>= -servers:set<ref<PVS_server>> -proxies:set<ref<PVS_proxy>>
          introduce!(string;string;string)ref<PVS_site> forget!(ref<PVS_site>) set_PVS_uuid!(ref<PVS_site>;string)
        class PVS_server database events get_all
          -uuid:string .addresses:set<string>= .first_port:int= .last_port:int= .site:ref<PVS_site>~servers=
          introduce!(set<string>;int;int;ref<PVS_site>)ref<PVS_server> forget!(ref<PVS_server>)
        class PVS_proxy database events get_all
          -uuid:string .site:ref<PVS_site>~proxies= .VIF:ref<VIF>= -currently_attached:bool=
          -status:enum<pvs_proxy_status>="stopped"
          create!(ref<PVS_site>;ref<VIF>)ref<PVS_proxy> destroy!(ref<PVS_proxy>)
        class PVS_cache_storage database events get_all create
          -uuid:string .host:ref<host>= .SR:ref<SR>= .site:ref<PVS_site>~cache_storage= .size:int=21474836480
          -VDI:ref<VDI>=
        class Feature database events get_all
          -uuid:string .name_label:string= .name_description:string= -enabled:bool= .experimental:bool=
          .version:string="1.0" -host:ref<host>~features
        class SDN_controller database events get_all
          -uuid:string .protocol:enum<sdn_controller_protocol>="ssl" .address:string= .port:int=
          introduce!(enum<sdn_controller_protocol>="ssl";string=;int=)ref<SDN_controller> forget!(ref<SDN_controller>)
        class vdi_nbd_server_info
          -exportname:string -address:string -port:int -cert:string -subject:string
        class PUSB database events get_all
          -uuid:string .USB_group:ref<USB_group>~PUSBs= .host:ref<host>~PUSBs= .path:string= .vendor_id:string=
          .vendor_desc:string= .product_id:string= .product_desc:string= .serial:string= .version:string=
          .description:string= -passthrough_enabled:bool= +other_config:map<string,string>= .speed:float=-1.0
          scan!(ref<host>) set_passthrough_enabled!(ref<PUSB>;bool)
        class USB_group database events get_all
          -uuid:string +name_label:string= +name_description:string= -PUSBs:set<ref<PUSB>> -VUSBs:set<ref<VUSB>>
          +other_config:map<string,string>=
          create!(string=;string=;map<string,string>=)ref<USB_group> destroy!(ref<USB_group>)
        class VUSB database events get_all
          -uuid:string -allowed_operations:set<enum<vusb_operations>>=
          -current_operations:map<string,enum<vusb_operations>>= -VM:ref<VM>~VUSBs -USB_group:ref<USB_group>~VUSBs
          +other_config:map<string,string>= -currently_attached:bool=
          create!(ref<VM>;ref<USB_group>;map<string,string>=)ref<VUSB> unplug!(ref<VUSB>) destroy!(ref<VUSB>)
        class Cluster database events get_all
          -uuid:string -cluster_hosts:set<ref<Cluster_host>> -pending_forget:set<string>= .cluster_token:string=
          .cluster_stack:string="corosync" .cluster_stack_version:int=2 -is_quorate:bool= -quorum:int=
          -live_hosts:int= -expected_hosts:int= -allowed_operations:set<enum<cluster_operation>>=
          -current_operations:map<string,enum<cluster_operation>>= .pool_auto_join:bool=true .token_timeout:float=20.0
          .token_timeout_coefficient:float=1.0 .cluster_config:map<string,string>= +other_config:map<string,string>=
          create!(ref<PIF>;string;bool;float=20.0;float=1.0)ref<Cluster> destroy!(ref<Cluster>)
          get_network!(ref<Cluster>)ref<network> pool_create!(ref<network>;string;float=20.0;float=1.0)ref<Cluster>
          pool_force_destroy!(ref<Cluster>) pool_destroy!(ref<Cluster>) pool_resync!(ref<Cluster>)
          cstack_sync!(ref<Cluster>)
        class Cluster_host database events get_all
          -uuid:string .cluster:ref<Cluster>~cluster_hosts= .host:ref<host>= -enabled:bool= .PIF:ref<PIF>=
          -joined:bool=true -live:bool= -last_update_live:datetime=
          -allowed_operations:set<enum<cluster_host_operation>>=
          -current_operations:map<string,enum<cluster_host_operation>>= .other_config:map<string,string>=
          create!(ref<Cluster>;ref<host>;ref<PIF>)ref<Cluster_host> destroy!(ref<Cluster_host>)
          enable!(ref<Cluster_host>) force_destroy!(ref<Cluster_host>) forget!(ref<Cluster_host>)
          disable!(ref<Cluster_host>)
        class Certificate database events get_all
          -uuid:string -name:string= -type:enum<certificate_type>="host" .host:ref<host>~certificates=
          .not_before:datetime= .not_after:datetime= .fingerprint:string= .fingerprint_sha256:string=
          .fingerprint_sha1:string=
        class Diagnostics
          gc_compact!(ref<host>) gc_stats!(ref<host>)map<string,string> db_stats!()map<string,string>
          network_stats!(ref<host>;map<string,string>)set<set<string>>
        class Repository database events get_all
          -uuid:string +name_label:string= +name_description:string= .binary_url:string= .source_url:string=
          .update:bool= -hash:string= -up_to_date:bool= .gpgkey_path:string= .origin:enum<origin>="remote"
          .certificate:string=
          introduce!(string;string;string;string;bool;string=)ref<Repository>
          introduce_bundle!(string;string)ref<Repository>
          introduce_remote_pool!(string;string;string;string)ref<Repository> forget!(ref<Repository>)
          apply!(ref<host>) set_gpgkey_path!(ref<Repository>;string)
          apply_livepatch!(ref<host>;string;string;string;string;string;string)
        class Observer database events get_all create
          -uuid:string +name_label:string= +name_description:string= .hosts:set<ref<host>>=
          .attributes:map<string,string>= .endpoints:set<string>= .components:set<string>= .enabled:bool=
          register!(ref<Observer>;ref<host>) unregister!(ref<Observer>;ref<host>)
          set_hosts!(ref<Observer>;set<ref<host>>) set_enabled!(ref<Observer>;bool)
          set_attributes!(ref<Observer>;map<string,string>) set_endpoints!(ref<Observer>;set<string>)
          set_components!(ref<Observer>;set<string>)
        class VM_group database events get_all create
          -uuid:string +name_label:string= +name_description:string= .placement:enum<placement_policy>="normal"
          -VMs:set<ref<VM>>
        class Host_driver database events get_all
          -uuid:string .host:ref<host>= -name:string -friendly_name:string -variants:set<ref<Driver_variant>>
          -active_variant:ref<Driver_variant> -selected_variant:ref<Driver_variant> -type:string -description:string
          -info:string
          select!(ref<Host_driver>;ref<Driver_variant>) deselect!(ref<Host_driver>) rescan!(ref<host>)
        class Driver_variant database events get_all
          -uuid:string -name:string -driver:ref<Host_driver>~variants -version:string -hardware_present:bool
          -priority:float -status:string
          select!(ref<Driver_variant>)
        """#
}
