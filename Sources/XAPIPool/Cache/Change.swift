/// What happened to a record.
struct Change {
    /// `nil`: it is new.
    let old: Record?
    /// `nil`: it is gone.
    let new: Record?

    /// Whether any of these fields has another text than before; true for new and for removed records.
    func touches(_ fields: String...) -> Bool {
        guard let old, let new else { return true }
        return fields.contains { !new.agrees(with: old, on: $0) }
    }

    /// The records that `field` referred to before and refers to now.
    func targets(of field: String, in cache: RecordCache) -> [Record] {
        [old, new].compactMap { cache.follow(field, of: $0) }
    }

    /// The same of a set.
    func members(of field: String, in cache: RecordCache) -> [Record] {
        [old, new].flatMap { $0?[field]?.strings ?? [] }.compactMap { cache[$0] }
    }
}
