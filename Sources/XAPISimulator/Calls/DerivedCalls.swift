import XOJSON

extension Toolstack {
    /// Carries out a call that follows from the fields of its class.
    func derivedCall(_ call: Call) throws(XAPIFailure) -> Outcome {
        let message = call.message
        guard let table = database.table(message.className) else { throw notSimulated(message) }
        let className = message.className
        func this() throws(XAPIFailure) -> Row { try database.row(className, call.text(0)) }
        func references(_ rows: some Sequence<Row>) -> Outcome {
            .value(.array(rows.map { .string($0.reference) }), .set(.reference(className)))
        }
        switch message.kind {
        case .custom: throw notSimulated(message)
        case .getRecord: return .done(.record(try this()))
        case .getByUUID:
            guard let row = table.row(uuid: call.text(0)) else {
                throw XAPIFailure("UUID_INVALID", className, call.text(0))
            }
            return .reference(row)
        case .getByNameLabel: return references(table.all.filter { $0.name == call.text(0) })
        case .getAll: return references(table.all)
        case .getAllRecords: return .done(.records(Array(table.all)))
        case .getAllWhere:
            let filter = try Filter(parsing: call.text(0))
            return references(table.all.filter(filter.matches))
        case .getAllRecordsWhere:
            let filter = try Filter(parsing: call.text(0))
            return .done(.records(table.all.filter(filter.matches)))
        case .create: return .reference(try createPlain(call))
        case .destroy:
            database.destroy(try this())
            return .void
        case .get(let field): return .value(try this().values[field], table.model.fields[field].type)
        case .set(let field):
            database.set(try this(), field, call.arguments[1])
            return .void
        case .add(let field):
            try add(to: try this(), field, call)
            return .void
        case .remove(let field):
            remove(from: try this(), field, call)
            return .void
        }
    }

    /// Makes an object from the structure that is the first argument, with nothing that belongs to it.
    func createPlain(_ call: Call) throws(XAPIFailure) -> Row {
        guard let model = database.model[call.message.className] else { throw notSimulated(call.message) }
        let given = call.arguments[0].object ?? [:]
        var values = model.emptyValues
        for (index, field) in model.fields.enumerated() where field.qualifier != .readOnly {
            if let value = given[field.name] {
                values[index] = try database.model.convert(value, to: field.type)
            } else if field.defaultValue == nil {
                throw .internalError("field \(field.name) is missing in the record for \(call.message.fullName)")
            }
        }
        if let index = model.fieldIndex["uuid"] { values[index] = .string(makeUUID(using: &random)) }
        return database.insert(model, reference: Reference.make(using: &random), values: values)
    }

    private func add(to row: Row, _ field: Int, _ call: Call) throws(XAPIFailure) {
        switch row.values[field] {
        case .object(var map):
            let key = call.text(1)
            guard map[key] == nil else {
                throw XAPIFailure(
                    "MAP_DUPLICATE_KEY", row.model.name, row.model.fields[field].name, row.reference, key)
            }
            map[key] = call.arguments[2]
            database.set(row, field, .object(map))
        case .array(let set) where !set.contains(call.arguments[1]):
            database.set(row, field, .array(set + [call.arguments[1]]))
        default: break
        }
    }

    private func remove(from row: Row, _ field: Int, _ call: Call) {
        switch row.values[field] {
        case .object(var map):
            map[call.text(1)] = nil
            database.set(row, field, .object(map))
        case .array(let set): database.set(row, field, .array(set.filter { $0 != call.arguments[1] }))
        default: break
        }
    }

    private func notSimulated(_ message: MessageModel) -> XAPIFailure {
        XAPIFailure("NOT_IMPLEMENTED", message.fullName)
    }
}
