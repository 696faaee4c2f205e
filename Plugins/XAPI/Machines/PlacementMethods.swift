import XAPIPool
import XOJSON
import XOPluginAPI

/// Where a VM runs, and what it is started from.
struct PlacementMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] { [migrate, setBootOrder] }

    private var migrate: Method {
        Method(
            "vm.migrate", "Moves a running VM to another host of its pool, without a stop.", permission: .user,
            parameters: [
                "vm": .string, "targetHost": .string,
                "force": .boolean.optional.described("Even if moving it is blocked."),
            ],
            objects: [
                "vm": ObjectParameter(types: ["VM"], right: .administrate),
                "targetHost": ObjectParameter(types: ["host"], right: .administrate),
            ]
        ) { [registry] (parameters: JSON, call) in
            let (machine, record) = try await registry.writable("vm.migrate", call, "vm")
            guard let host = call.object("targetHost") else { throw MethodError.noSuchObject(id: "", type: "host") }
            let target = try machine.sibling(host)
            try await machine.lifting(["pool_migrate"], of: record, if: parameters["force"]?.bool ?? false) {
                try await machine.run("VM.pool_migrate", .string(target.ref), ["live": "true"])
            }
        }
    }

    private var setBootOrder: Method {
        Method(
            "vm.setBootOrder", "Says what a VM is started from: letters c (disk), d (disc), n (network).",
            permission: .user,
            parameters: ["vm": .string, "order": .string.described("Such as `cdn`.")],
            objects: ["vm": ObjectParameter(types: ["VM", "VM-template"], right: .operate)]
        ) { [registry] (parameters: JSON, call) in
            let (machine, record) = try await registry.writable("vm.setBootOrder", call, "vm")
            guard record["virtualizationMode"] != "pv" else {
                throw MethodError.invalidParameters("You can only set the boot order on a HVM guest")
            }
            let order = parameters["order"]?.string ?? ""
            guard order.allSatisfy({ "cdn".contains($0) }), Set(order).count == order.count else {
                throw MethodError.invalidParameters(
                    "invalid parameters: `order` is '\(order.prefix(20))'; expected c, d and n, each at most once")
            }
            try await machine.setEntry("order", of: "HVM_boot_params", class: "VM", to: order)
        }
    }
}
