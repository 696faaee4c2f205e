import XOJSON

extension Toolstack {
    /// More messages than this, and the oldest one is destroyed.
    private static let maximumMessages = 10_000

    static let messageCalls: [String: Handler] = [
        "message.create": { toolstack, call in
            let message = try toolstack.makeMessage(
                call.text(0), priority: call.arguments[1], className: call.text(2), uuid: call.text(3),
                body: call.text(4))
            return .reference(message)
        },
        "message.destroy": { toolstack, call in
            toolstack.database.destroy(try toolstack.database.row("message", call.text(0)))
            return .void
        },
        "message.destroy_many": { toolstack, call in
            let references = call.arguments[0].array?.compactMap(\.string) ?? []
            for message in try references.map({ try toolstack.database.row("message", $0) }) {
                toolstack.database.destroy(message)
            }
            return .void
        },
        "message.get": { toolstack, call in
            .done(
                .records(
                    toolstack.database.all("message").filter {
                        $0.text("cls") == call.text(0) && $0.text("obj_uuid") == call.text(1)
                            && $0.text("timestamp") > call.text(2)
                    }))
        },
        "message.get_since": { toolstack, call in
            .done(.records(toolstack.database.all("message").filter { $0.text("timestamp") > call.text(0) }))
        },
    ]

    /// Tells administrators what happened to a VM.
    func announce(_ name: String, _ vm: Row, _ what: String) throws(XAPIFailure) {
        _ = try makeMessage(
            name, priority: 5, className: "VM", uuid: vm.uuid, body: "VM '\(vm.name)' (uuid: \(vm.uuid)) \(what)")
    }

    private func makeMessage(
        _ name: String, priority: JSON, className: String, uuid: String, body: String
    ) throws(XAPIFailure) -> Row {
        if let table = database.table("message"), table.count >= Toolstack.maximumMessages,
            let oldest = table.all.first(where: { _ in true })
        {
            database.destroy(oldest)
        }
        return try create(
            "message",
            [
                "name": .string(name), "priority": priority, "cls": .string(className), "obj_uuid": .string(uuid),
                "timestamp": .string(Timestamp.now), "body": .string(body),
            ])
    }
}
