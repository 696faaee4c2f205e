import XOJSON

/// A field of a class of the data model.
struct FieldModel: Sendable {
    enum Qualifier: Sendable {
        /// Constructor argument and settable.
        case readWrite
        /// Constructor argument.
        case constructorOnly
        /// Kept by the server.
        case readOnly
    }

    let name: String
    let type: ValueType
    let qualifier: Qualifier
    /// The value of a constructor argument that is not given; `nil` makes it mandatory.
    let defaultValue: JSON?
    /// `"name":`, and the XML before a member's value, ready to be appended to an answer.
    let jsonPrefix: [UInt8]
    let xmlPrefix: [UInt8]
}

/// What a call does; all but `custom` is derived from the fields of its class.
enum MessageKind: Hashable, Sendable {
    case custom
    case getRecord, getByUUID, getByNameLabel
    case getAll, getAllRecords, getAllWhere, getAllRecordsWhere
    case create, destroy
    case get(field: Int), set(field: Int), add(field: Int), remove(field: Int)
}

/// A call that the server knows by name.
struct MessageModel: Sendable {
    struct Parameter: Sendable {
        let type: ValueType
        /// The value if the call leaves the parameter out; `nil` makes it mandatory.
        let defaultValue: JSON?
    }

    let className: String
    let name: String
    let kind: MessageKind
    /// Without the session.
    let parameters: [Parameter]
    /// `nil` for void.
    let result: ValueType?
    let isAsync: Bool
    let needsSession: Bool
    /// Known, but answered by `MESSAGE_REMOVED`.
    let isRemoved: Bool

    var fullName: String { className + "." + name }
}

/// A class of the data model.
final class ClassModel: Sendable {
    /// A reference and the set at its other end, which the server keeps.
    struct Relation: Sendable {
        let field: Int
        let otherClass: Int
        let otherField: Int
    }

    /// Position among the classes of the model.
    let index: Int
    let name: String
    /// The name as events and reference counts write it: in lower case.
    let eventName: String
    let isInDatabase: Bool
    let hasEvents: Bool
    let fields: [FieldModel]
    let fieldIndex: [String: Int]
    let messages: [String: MessageModel]
    /// A record with all fields at their default.
    let emptyValues: [JSON]
    let relations: [Relation]
    /// By field; tells whether a write must look after the other end.
    let isRelation: [Bool]

    init(
        index: Int, name: String, isInDatabase: Bool, hasEvents: Bool, fields: [FieldModel], emptyValues: [JSON],
        messages: [MessageModel], relations: [Relation]
    ) {
        self.index = index
        self.name = name
        eventName = name.lowercased()
        self.isInDatabase = isInDatabase
        self.hasEvents = hasEvents
        self.fields = fields
        fieldIndex = Dictionary(fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.messages = Dictionary(messages.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
        self.emptyValues = emptyValues
        self.relations = relations
        isRelation = fields.indices.map { field in relations.contains { $0.field == field } }
    }
}
