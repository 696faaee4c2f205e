import CXOPlugin
import XOProtocol

extension PluginInstance {
    /// What it says to offer.
    func readCatalogue() throws -> [CatalogueEntry] {
        guard let catalog = try ready().catalog else { return [] }
        let text = try inLane("catalog", .catalogue, try ready()) { tables throws(Breach) -> [UInt8] in
            var view = xo_bytes()
            let status = catalog(tables.data, &view)
            guard status >= 0 else { throw Breach(.catalogue, "catalog fails with the status \(status).") }
            guard let bytes = UnsafeRawBufferPointer(view: view.ptr, view.len) else {
                throw Breach(.catalogue, "catalog returns a view of \(view.len) bytes that lies.")
            }
            return [UInt8](bytes)
        }
        return try CatalogueEntry.read(text)
    }

    /// Calls a method and returns at once.
    ///
    /// - Parameters:
    ///   - besideTheLane: `true` calls on the present thread; for plugins that take that.
    ///   - deadline: on the monotonic clock; 0: none.
    @discardableResult
    func invoke(
        _ method: CatalogueEntry, _ parameters: [UInt8], besideTheLane: Bool = false, deadline: Int64 = 0
    ) throws -> xo_op {
        let objects = method.objects(for: parameters)
        return try invoke(method, objects: objects, besideTheLane: besideTheLane, deadline: deadline) {
            $0.bytes(parameters)
        }
    }

    /// The same with a view of parameters that may be anything.
    @discardableResult
    func invoke(
        _ method: CatalogueEntry, objects: [UInt8] = Array("{}".utf8), besideTheLane: Bool = false,
        deadline: Int64 = 0, view: @escaping (Loan) -> xo_bytes
    ) throws -> xo_op {
        let host = host
        let tables = try ready()
        guard let invoke = tables.invoke else { throw NotApplicable("the plugin offers no methods") }
        let op = host.operations.begin("of \(method.name)", deadline: deadline == 0 ? nil : deadline)
        let body = {
            let status = host.lend { loan in
                let call = xo_call(
                    struct_size: host.size(of: xo_call.self), flags: 0, params: view(loan),
                    caller: loan.bytes(CatalogueEntry.caller), objects: loan.bytes(objects),
                    deadline_ns: UInt64(deadline), trace_high: op.id, trace_low: op.id)
                return invoke(tables.data, op, method.index, loan.value(call, trailing: host.plan.trailing))
            }
            host.operations.returned(op, status)
        }
        if besideTheLane { body() } else { host.lane.run("invoke of \(method.name)", body) }
        return op
    }

    /// Tells the plugin that a result is no longer wanted.
    func cancel(_ op: xo_op) throws {
        host.operations.cancel(op)
        let tables = try ready()
        host.lane.run("cancel") { tables.cancel?(tables.data, op) }
    }

    /// Waits until these are completed, after half of the time with their cancellation.
    ///
    /// - Parameter note: notes those that are not, as breaches.
    func settle(_ ops: [xo_op], note: Bool = true) throws {
        let slow = host.operations.unfinished(of: ops, patience: patience / 2)
        for op in slow { try cancel(op) }
        let lost = host.operations.unfinished(of: slow, patience: patience / 2)
        guard note, !lost.isEmpty else { return }
        host.journal.note(
            .neverCompleted,
            "\(lost.count) of \(ops.count) calls are not completed within \(patience / 1_000_000) ms, though the host "
                + "has cancelled them after half of that.")
    }
}
