import XOJSON

/// Which fields of a class of XenServer's are kept.
///
/// A record has up to a hundred fields, and many are large and of no interest to anybody here. What the mapping does
/// not read is dropped on receipt.
final class RecordShape: Sendable {
    /// As the data model spells it, `VM_metrics`.
    let className: String
    /// As events and `valid_ref_counts` spell it.
    let eventName: String
    let fields: [String]
    /// Makes a field smaller before it is kept, where only a part of it is of interest.
    /// By place, as ``fields``.
    let reductions: [(@Sendable (RawJSON) -> JSON)?]
    private let table: FieldTable

    init(
        _ className: String, keeping fields: some Sequence<String>,
        reducing reductions: [String: @Sendable (RawJSON) -> JSON] = [:]
    ) {
        self.className = className
        self.eventName = className.lowercased()
        var seen: Set<String> = []
        self.fields = fields.filter { seen.insert($0).inserted }
        table = FieldTable(self.fields)
        self.reductions = self.fields.map { reductions[$0] }
    }

    func slot(of field: String) -> Int? { table[field] }

    /// - Parameter field: a name as it stands in JSON, without escapes.
    func slot(of field: UnsafeRawBufferPointer) -> Int? { table[field] }
}
