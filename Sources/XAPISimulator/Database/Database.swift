import XOJSON

/// The objects of the pool.
///
/// One counter, the *generation*, is advanced by every creation, change and deletion of any object; a client asks for
/// what happened after the generation it knows. Messages are counted apart, as in xapi, where they are not part of the
/// database.
final class Database {
    let model: DataModel
    /// In the order of the model's classes.
    let tables: [Table]
    private(set) var generation: UInt64 = 1
    private(set) var messageGeneration: UInt64 = 1
    /// Called after every change.
    var onChange: () -> Void = {}

    private let messageClass: Int?

    init(_ model: DataModel = .shared) {
        self.model = model
        tables = model.classes.map(Table.init)
        messageClass = model.classIndex["message"]
    }

    // MARK: Looking

    func table(_ className: String) -> Table? { model.classIndex[className].map { tables[$0] } }

    func find(_ className: String, _ reference: String) -> Row? { table(className)?[reference] }

    /// The object that `field` of `row` refers to.
    func find(_ className: String, _ field: String, of row: Row) -> Row? { find(className, row.text(field)) }

    /// - Throws: `HANDLE_INVALID`
    func row(_ className: String, _ reference: String) throws(XAPIFailure) -> Row {
        guard let row = find(className, reference) else { throw .handleInvalid(className, reference) }
        return row
    }

    /// The objects that a set of references names.
    func rows(_ className: String, _ field: String, of row: Row) -> [Row] {
        guard let table = table(className) else { return [] }
        return row.references(field).compactMap { table[$0] }
    }

    func all(_ className: String) -> [Row] { table(className).map { Array($0.all) } ?? [] }

    /// The object with this reference, whatever its class.
    func find(_ reference: String) -> Row? {
        for table in tables { if let row = table[reference] { return row } }
        return nil
    }

    // MARK: Changing

    /// Makes an object; fields that are not given have their default.
    @discardableResult
    func create(
        _ model: ClassModel, reference: String, uuid: String, _ fields: KeyValuePairs<String, JSON>
    ) -> Row {
        var values = model.emptyValues
        if let index = model.fieldIndex["uuid"] { values[index] = .string(uuid) }
        for (name, value) in fields {
            guard let index = model.fieldIndex[name] else {
                assertionFailure("class \(model.name) has no field \(name)")
                continue
            }
            values[index] = value
        }
        return insert(model, reference: reference, values: values)
    }

    @discardableResult
    func insert(_ model: ClassModel, reference: String, values: [JSON]) -> Row {
        let row = Row(reference: reference, model: model, values: values, generation: nextGeneration(for: model))
        tables[model.index].insert(row)
        for relation in model.relations {
            for target in references(in: values[relation.field]) { addToOtherEnd(relation, target, row.reference) }
        }
        onChange()
        return row
    }

    /// Writes a field; nothing happens if it has this value already.
    func set(_ row: Row, _ field: String, _ value: JSON) {
        guard let index = row.model.fieldIndex[field] else {
            assertionFailure("class \(row.model.name) has no field \(field)")
            return
        }
        set(row, index, value)
    }

    func set(_ row: Row, _ field: Int, _ value: JSON) {
        guard !row.isDestroyed, row.values[field] != value else { return }
        let old = row.values[field]
        row.values[field] = value
        if row.model.isRelation[field] { moveOtherEnds(row, field, from: old, to: value) }
        touch(row)
    }

    /// Writes one key of a map; `nil` removes it.
    func set(_ row: Row, _ field: String, key: String, _ value: JSON?) {
        var map = row.map(field)
        map[key] = value
        set(row, field, .object(map))
    }

    /// Raises a change event although nothing changed.
    func touch(_ row: Row) {
        row.modified = nextGeneration(for: row.model)
        tables[row.model.index].note(row)
        onChange()
    }

    func destroy(_ row: Row) {
        guard !row.isDestroyed else { return }
        tables[row.model.index].remove(row, generation: nextGeneration(for: row.model))
        for relation in row.model.relations {
            for target in references(in: row.values[relation.field]) {
                removeFromOtherEnd(relation, target, row.reference)
            }
        }
        onChange()
    }

    private func nextGeneration(for model: ClassModel) -> UInt64 {
        if model.index == messageClass {
            messageGeneration += 1
            return messageGeneration
        }
        generation += 1
        return generation
    }

    // MARK: Other ends

    private func references(in value: JSON) -> [String] {
        switch value {
        case .string(let reference): reference == Reference.null ? [] : [reference]
        case .array(let elements): elements.compactMap(\.string)
        default: []
        }
    }

    private func moveOtherEnds(_ row: Row, _ field: Int, from old: JSON, to new: JSON) {
        let before = references(in: old)
        let after = references(in: new)
        for relation in row.model.relations where relation.field == field {
            for target in before where !after.contains(target) { removeFromOtherEnd(relation, target, row.reference) }
            for target in after where !before.contains(target) { addToOtherEnd(relation, target, row.reference) }
        }
    }

    private func addToOtherEnd(_ relation: ClassModel.Relation, _ target: String, _ reference: String) {
        changeOtherEnd(relation, target) { $0.append(.string(reference)) }
    }

    private func removeFromOtherEnd(_ relation: ClassModel.Relation, _ target: String, _ reference: String) {
        changeOtherEnd(relation, target) { set in
            if let index = set.firstIndex(of: .string(reference)) { set.remove(at: index) }
        }
    }

    private func changeOtherEnd(
        _ relation: ClassModel.Relation, _ target: String, _ change: (inout [JSON]) -> Void
    ) {
        guard let row = tables[relation.otherClass][target], case .array(var set) = row.values[relation.otherField]
        else { return }
        // The set may be long and must not be copied: let go of the row's before changing it.
        row.values[relation.otherField] = .null
        change(&set)
        row.values[relation.otherField] = .array(set)
        touch(row)
    }
}
