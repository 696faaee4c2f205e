import XOJSON

/// One object of the pool. Its fields are read here and written through ``Database``, which keeps the other ends of
/// relations and the generations.
final class Row {
    let reference: String
    let model: ClassModel
    /// In the order of the model's fields.
    var values: [JSON]
    /// Generation of the creation and of the last change.
    let created: UInt64
    var modified: UInt64
    var isDestroyed = false

    init(reference: String, model: ClassModel, values: [JSON], generation: UInt64) {
        self.reference = reference
        self.model = model
        self.values = values
        created = generation
        modified = generation
    }

    subscript(field: String) -> JSON {
        model.fieldIndex[field].map { values[$0] } ?? .null
    }

    func text(_ field: String) -> String { self[field].string ?? "" }
    func integer(_ field: String) -> Int64 { self[field].integer ?? 0 }
    func flag(_ field: String) -> Bool { self[field].bool ?? false }
    func map(_ field: String) -> JSONObject { self[field].object ?? [:] }
    /// The references in a set.
    func references(_ field: String) -> [String] { self[field].array?.compactMap(\.string) ?? [] }

    var uuid: String { text("uuid") }
    var name: String { text("name_label") }
}
