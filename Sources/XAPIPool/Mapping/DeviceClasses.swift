import XOJSON

/// Graphics, USB and TPM devices.
extension Classes {
    static let pci = ObjectClass(
        "PCI", type: "PCI",
        [.copy("class_name"), .copy("device_name"), .copy("pci_id"), .link("$host", "host")])

    static let pgpu = ObjectClass(
        "PGPU", type: "PGPU",
        [
            .copy("dom0Access", "dom0_access"),
            .links("enabledVgpuTypes", "enabled_VGPU_types"),
            .link("gpuGroup", "GPU_group"),
            .bool("isSystemDisplayDevice", "is_system_display_device"),
            .link("pci", "PCI"),
            .links("supportedVgpuTypes", "supported_VGPU_types"),
            .link("host"),
            .link("$host", "host"),
            .links("vgpus", "resident_VGPUs"),
            .links("$vgpus", "resident_VGPUs"),
        ])

    static let gpuGroup = ObjectClass(
        "GPU_group", type: "gpuGroup",
        [
            .copy("allocation", "allocation_algorithm"),
            .links("enabledVgpuTypes", "enabled_VGPU_types"),
            .copy("gpuTypes", "GPU_types"),
            .copy("name_description"),
            .copy("name_label"),
            .copy("otherConfig", "other_config"),
            .links("pgpus", "PGPUs"),
            .links("supportedVgpuTypes", "supported_VGPU_types"),
            .links("vgpus", "VGPUs"),
        ])

    static let vgpu = ObjectClass(
        "VGPU", type: "vgpu",
        [
            .bool("currentlyAttached", "currently_attached"),
            .copy("device"),
            .link("gpuGroup", "GPU_group"),
            .copy("otherConfig", "other_config"),
            .link("resident_on"),
            .link("vgpuType", "type"),
            .link("vm", "VM"),
        ])

    static let vgpuType = ObjectClass(
        "VGPU_type", type: "vgpuType",
        [
            .bool("experimental"),
            .copy("framebufferSize", "framebuffer_size"),
            .links("gpuGroups", "enabled_on_GPU_groups"),
            .copy("maxHeads", "max_heads"),
            .copy("maxResolutionX", "max_resolution_x"),
            .copy("maxResolutionY", "max_resolution_y"),
            .copy("modelName", "model_name"),
            .links("pgpus", "enabled_on_PGPUs"),
            .copy("vendorName", "vendor_name"),
            .links("vgpus", "VGPUs"),
        ])

    static let vtpm = ObjectClass("VTPM", type: "VTPM", [.link("vm", "VM")])

    static let pusb = ObjectClass(
        "PUSB", type: "PUSB",
        [
            .value("description", reads: ["vendor_desc", "product_desc"]) { source in
                let product = source.string("product_desc")?.trimmed ?? ""
                return .string((source.string("vendor_desc") ?? "") + (product.isEmpty ? "" : " - \(product)"))
            },
            .link("host"),
            .copy("passthroughEnabled", "passthrough_enabled"),
            .copy("speed"),
            .link("usbGroup", "USB_group"),
            .copy("vendorId", "vendor_id"),
            .copy("version"),
        ])

    static let vusb = ObjectClass(
        "VUSB", type: "VUSB",
        [.link("vm", "VM"), .copy("currentlyAttached", "currently_attached"), .link("usbGroup", "USB_group")])

    static let usbGroup = ObjectClass("USB_group", type: "USB_group", [.links("PUSBs"), .links("VUSBs")])
}
