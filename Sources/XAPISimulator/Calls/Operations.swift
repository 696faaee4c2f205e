import NIOCore
import XOJSON

extension Toolstack {
    /// Carries out an operation on a VM: checks that it is possible, shows it in `current_operations` while it lasts,
    /// and then applies its effect.
    ///
    /// Real xapi lets an operation wait whose only obstacle is another one; here it fails at once, which spares clients
    /// under test a wait of up to 20 s.
    func operate(
        _ operation: String, on vm: Row, _ call: Call, finally: @escaping () -> Void = {},
        effect: @escaping () throws -> Reply
    ) throws -> Outcome {
        if let obstacle = obstacle(to: operation, on: vm) { throw obstacle }
        guard configuration.operationDuration > .zero, let task = call.task?.reference else {
            let reply = try effect()
            updateAllowedOperations(of: vm)
            return .done(reply)
        }
        let pending = Pending()
        operations[task] = pending
        database.set(vm, "current_operations", key: task, .string(operation))
        updateAllowedOperations(of: vm)
        if let row = call.task { database.set(row, "allowed_operations", ["cancel"]) }

        func end(_ result: () throws -> Reply) {
            operations[task] = nil
            database.set(vm, "current_operations", key: task, nil)
            let outcome: Pending.Result
            do {
                if vm.isDestroyed { throw XAPIFailure.handleInvalid("VM", vm.reference) }
                outcome = .success(try result())
            } catch let failure as XAPIFailure {
                outcome = .failure(failure)
            } catch {
                outcome = .failure(.internalError("\(error)"))
            }
            finally()
            if !vm.isDestroyed { updateAllowedOperations(of: vm) }
            pending.resolve(outcome)
        }
        let timer = loop.scheduleTask(in: TimeAmount(configuration.operationDuration)) { end(effect) }
        pending.onCancel = {
            timer.cancel()
            end { throw pending.cancellation ?? XAPIFailure("TASK_CANCELLED", task) }
        }
        return .pending(pending)
    }

    /// Ends the operations that give way to a hard shutdown.
    func cancelOperations(of vm: Row, _ names: Set<String>) {
        for (task, operation) in vm.map("current_operations") {
            if let name = operation.string, names.contains(name) { operations[task]?.cancel() }
        }
    }
}
