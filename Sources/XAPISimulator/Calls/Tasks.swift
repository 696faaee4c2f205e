import XOJSON

extension Toolstack {
    /// More tasks than this that nobody destroys, and the oldest one is destroyed.
    private static let maximumLastingTasks = 200

    static let taskCalls: [String: Handler] = [
        "task.create": { toolstack, call in
            let task = try toolstack.makeTask(call.text(0), description: call.text(1))
            toolstack.keep(task)
            return .reference(task)
        },
        "task.destroy": { toolstack, call in
            let task = try toolstack.database.row("task", call.text(0))
            if toolstack.operations[task.reference] != nil {
                toolstack.abandonedTasks.insert(task.reference)
            } else {
                toolstack.database.destroy(task)
            }
            return .void
        },
        "task.cancel": { toolstack, call in
            let task = try toolstack.database.row("task", call.text(0))
            guard task.text("status") == "pending" else { return .void }
            let canceller = call.task?.reference ?? task.reference
            toolstack.database.set(task, "current_operations", key: canceller, "cancel")
            toolstack.operations[task.reference]?.cancel()
            return .void
        },
    ]

    func makeTask(_ name: String, description: String = "") throws(XAPIFailure) -> Row {
        try create(
            "task",
            [
                "name_label": .string(name), "name_description": .string(description),
                "created": .string(Timestamp.now), "status": "pending", "type": "<none/>", "backtrace": "()",
                "resident_on": .string(master?.reference ?? Reference.null),
            ])
    }

    /// Writes down how an asynchronous call ended.
    func finish(_ task: Row, _ result: Pending.Result) {
        guard !task.isDestroyed else { return }
        database.set(task, "allowed_operations", [])
        database.set(task, "finished", .string(Timestamp.now))
        database.set(task, "progress", .number(1))
        switch result {
        case .success(let reply):
            var text: [UInt8] = []
            XMLWriter.write(reply, to: &text)
            database.set(task, "result", .string(String(decoding: text, as: UTF8.self)))
            database.set(task, "status", "success")
        case .failure(let failure):
            database.set(task, "error_info", JSON([failure.code] + failure.parameters))
            database.set(task, "status", failure.code == "TASK_CANCELLED" ? "cancelled" : "failure")
        }
        if abandonedTasks.remove(task.reference) != nil {
            database.destroy(task)
        } else {
            keep(task)
        }
    }

    /// Bounds the number of tasks that nobody destroys.
    private func keep(_ task: Row) {
        lastingTasks.append(task.reference)
        guard lastingTasks.count > Toolstack.maximumLastingTasks else { return }
        lastingTasks.removeAll { database.find("task", $0) == nil }
        while lastingTasks.count > Toolstack.maximumLastingTasks {
            if let oldest = database.find("task", lastingTasks.removeFirst()) { database.destroy(oldest) }
        }
    }
}
