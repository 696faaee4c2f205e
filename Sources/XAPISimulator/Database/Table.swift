import XOJSON

/// The objects of one class, and what changed among them since when.
final class Table {
    struct Deletion {
        let reference: String
        let created: UInt64
        let generation: UInt64
    }

    let model: ClassModel
    private var rows: [String: Row] = [:]
    private var byUUID: [String: Row] = [:]
    private let uuidField: Int?
    /// By creation. Destroyed rows stay until the next tidying.
    private var order: [Row] = []
    /// By generation. An entry counts only if it is the last one of its row, so a row may change any number of times
    /// at constant cost each.
    private var changes: [(generation: UInt64, row: Row)] = []
    /// By generation. Like xapi, the table remembers only the last few hundred.
    private var deletions: [Deletion] = []
    /// Of the last change, creation or deletion.
    private(set) var lastGeneration: UInt64 = 0

    private static let rememberedDeletions = 256

    init(_ model: ClassModel) {
        self.model = model
        uuidField = model.fieldIndex["uuid"]
    }

    var count: Int { rows.count }

    /// All objects, the oldest first.
    var all: some Sequence<Row> { order.lazy.filter { !$0.isDestroyed } }

    subscript(reference: String) -> Row? { rows[reference] }

    func row(uuid: String) -> Row? { byUUID[uuid] }

    // MARK: Changing

    func insert(_ row: Row) {
        rows[row.reference] = row
        if let uuidField, case .string(let uuid) = row.values[uuidField] { byUUID[uuid] = row }
        order.append(row)
        note(row)
    }

    /// Records that `row` was changed in its `modified` generation.
    func note(_ row: Row) {
        lastGeneration = row.modified
        changes.append((row.modified, row))
        guard changes.count > 2 * rows.count + 64 else { return }
        changes.removeAll { $0.row.isDestroyed || $0.row.modified != $0.generation }
    }

    func remove(_ row: Row, generation: UInt64) {
        rows[row.reference] = nil
        if let uuidField, case .string(let uuid) = row.values[uuidField] { byUUID[uuid] = nil }
        row.isDestroyed = true
        lastGeneration = generation
        deletions.append(Deletion(reference: row.reference, created: row.created, generation: generation))
        if deletions.count > 2 * Table.rememberedDeletions {
            deletions.removeFirst(Table.rememberedDeletions)
        }
        if order.count > 2 * rows.count + 64 {
            order.removeAll(where: \.isDestroyed)
            changes.removeAll { $0.row.isDestroyed || $0.row.modified != $0.generation }
        }
    }

    /// Forgets which objects were destroyed, as a restart of xapi does.
    func forgetDeletions() { deletions.removeAll() }

    // MARK: Looking back

    /// The objects that exist and were created or changed after `generation`; costs by their number.
    func changes(since generation: UInt64) -> [Row] {
        changes[firstIndex(in: changes, after: generation) { $0.generation }...]
            .filter { !$0.row.isDestroyed && $0.row.modified == $0.generation }
            .map(\.row)
    }

    /// The objects that existed at `generation` and were destroyed later, as far as they are remembered.
    func deletions(since generation: UInt64) -> [Deletion] {
        deletions[firstIndex(in: deletions, after: generation) { $0.generation }...]
            .filter { $0.created <= generation }
    }

    private func firstIndex<Entry>(
        in log: [Entry], after generation: UInt64, _ key: (Entry) -> UInt64
    ) -> Int {
        var low = 0
        var high = log.count
        while low < high {
            let middle = (low + high) / 2
            if key(log[middle]) > generation { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
