import XOJSON

/// What a mapping reads: a record, and the records around it.
struct Source {
    let record: Record
    let cache: RecordCache
    /// The type that the object will have.
    var type = ""

    subscript(_ field: String) -> RawJSON? { record[field] }

    func string(_ field: String) -> String? { record.string(field) }

    /// Whether the boolean `field` is set; absent is false.
    func isTrue(_ field: String) -> Bool { record[field]?.isTruthy ?? false }

    /// An entry of a map.
    func entry(_ key: String, of map: String) -> RawJSON? { record[map]?.member(key) }

    func text(_ key: String, of map: String) -> String? { entry(key, of: map)?.string }

    /// Whether an entry of a map is the text `true`.
    func flag(_ key: String, of map: String) -> Bool { text(key, of: map) == "true" }

    func follow(_ field: String) -> Record? { cache.follow(field, of: record) }

    /// Ids of the records that the set `field` refers to, in the server's order; unknown ones are `nil`.
    func links(_ field: String) -> [String?] { record[field]?.strings.map { cache[$0]?.uuid } ?? [] }
}
