import XOJSON

/// One record of a pool: the kept fields, as text, in one piece.
///
/// Ten thousand guests make some hundred thousand records; a dictionary for each would cost more than all their text.
final class Record: Sendable {
    let shape: RecordShape
    let ref: String
    let uuid: String
    /// The values of the fields in the order of the shape.
    private let text: [UInt8]
    /// Where each value ends; an absent field has no text.
    private let ends: [UInt32]

    init(shape: RecordShape, ref: String, uuid: String, text: [UInt8], ends: [UInt32]) {
        self.shape = shape
        self.ref = ref
        self.uuid = uuid
        self.text = text
        self.ends = ends
    }

    /// A kept field; `nil` if the server did not send it.
    subscript(_ field: String) -> RawJSON? {
        guard let slot = shape.slot(of: field) else {
            assertionFailure("\(shape.className).\(field) is read but not kept: name it in the mapping")
            return nil
        }
        let start = slot == 0 ? 0 : Int(ends[slot - 1])
        let end = Int(ends[slot])
        return start == end ? nil : RawJSON(text[start..<end])
    }

    func string(_ field: String) -> String? { self[field]?.string }

    /// Whether all kept fields have the same text as in `other`.
    func isSame(as other: Record) -> Bool { uuid == other.uuid && ends == other.ends && text == other.text }

    /// Whether `field` has the same text as in `other`.
    func agrees(with other: Record, on field: String) -> Bool { self[field]?.text == other[field]?.text }
}
