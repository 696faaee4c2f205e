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
    let reductions: [String: @Sendable (RawJSON) -> JSON]
    private let slots: [String: Int]

    init(
        _ className: String, keeping fields: some Sequence<String>,
        reducing reductions: [String: @Sendable (RawJSON) -> JSON] = [:]
    ) {
        self.className = className
        self.eventName = className.lowercased()
        var slots: [String: Int] = [:]
        var ordered: [String] = []
        for field in fields where slots[field] == nil {
            slots[field] = ordered.count
            ordered.append(field)
        }
        self.fields = ordered
        self.slots = slots
        self.reductions = reductions
    }

    func slot(of field: String) -> Int? { slots[field] }
}
