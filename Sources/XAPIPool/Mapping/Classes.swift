/// All classes of XenServer's that are read.
enum Classes {
    static let all: [ObjectClass] = [
        pool, host, vm, sr, sm, pbd, vdi, vbd, network, pif, vif, bond,
        pci, pgpu, gpuGroup, vgpu, vgpuType, vtpm, pusb, vusb, usbGroup,
        message, task, hostPatch, poolPatch,
        vmMetrics, vmGuestMetrics, hostMetrics, pifMetrics, poolUpdate, certificate,
    ]

    private static let byEventName = Dictionary(
        all.map { ($0.shape.eventName, $0) }, uniquingKeysWith: { first, _ in first })

    /// - Parameter name: in any case; events use lower case.
    static func named(_ name: String) -> ObjectClass? { byEventName[name.lowercased()] }

    static func of(_ record: Record) -> ObjectClass? { byEventName[record.shape.eventName] }
}
