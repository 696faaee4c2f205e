import XOJSON

/// The classes, calls and enumerations that the simulated server knows, read from ``DataModelTable``.
final class DataModel: Sendable {
    static let shared = DataModel(table: DataModelTable.text)

    let classes: [ClassModel]
    let classIndex: [String: Int]
    /// Values by name of the enumeration, spelled as they are sent.
    let enumerations: [String: [String]]

    subscript(name: String) -> ClassModel? { classIndex[name].map { classes[$0] } }

    /// Every call in the form `Class.method`, sorted.
    var methodNames: [String] {
        classes.flatMap { model in model.messages.values.map(\.fullName) }.sorted()
    }

    private init(table: String) {
        var enumerations: [String: [String]] = [:]
        var drafts: [ClassDraft] = []
        var enumeration: String?
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            switch words.first {
            case "enum": enumeration = String(words[1])
            case "class":
                enumeration = nil
                drafts.append(ClassDraft(name: String(words[1]), flags: Set(words[2...])))
            default:
                if let enumeration {
                    enumerations[enumeration, default: []] += words.map(String.init)
                } else if !drafts.isEmpty {
                    drafts[drafts.count - 1].items += words
                }
            }
        }
        self.enumerations = enumerations
        classIndex = Dictionary(
            drafts.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        for index in drafts.indices { drafts[index].read(enumerations) }
        let fields = drafts.map { draft in draft.fields.map(\.model) }
        let classIndex = classIndex
        classes = drafts.enumerated().map { index, draft in
            draft.model(index: index) { className, fieldName in
                guard let other = classIndex[className],
                    let field = fields[other].firstIndex(where: { $0.name == fieldName })
                else { return nil }
                return (other, field)
            }
        }
    }
}

/// A class while it is being read.
private struct ClassDraft {
    let name: String
    let flags: Set<Substring>
    /// Fields and messages in the table's short form.
    var items: [Substring] = []
    private(set) var fields: [(model: FieldModel, empty: JSON, otherEnd: Substring?)] = []
    private var customMessages: [MessageModel] = []

    init(name: String, flags: Set<Substring>) {
        self.name = name
        self.flags = flags
    }

    mutating func read(_ enumerations: [String: [String]]) {
        var pending = ""
        for item in items {
            pending += item
            // A parameter list that goes on in the next word.
            if pending.hasSuffix(";") { continue }
            if let first = pending.first, "+.-".contains(first) {
                if let field = field(Substring(pending), enumerations) { fields.append(field) }
            } else if let message = message(Substring(pending)) {
                customMessages.append(message)
            }
            pending = ""
        }
    }

    private func field(
        _ text: Substring, _ enumerations: [String: [String]]
    ) -> (model: FieldModel, empty: JSON, otherEnd: Substring?)? {
        let (declaration, defaultText) = text.cut(at: "=")
        let (typed, otherEnd) = declaration.cut(at: "~")
        let (qualifiedName, typeName) = typed.cut(at: ":")
        guard let typeName, let type = ValueType(parsing: typeName) else { return nil }
        let name = String(qualifiedName.dropFirst())
        let empty = type.emptyValue(enumerations)
        let defaultValue = defaultText.map { ClassDraft.defaultValue($0, empty: empty) }
        let model = FieldModel(
            name: name, type: type,
            qualifier: qualifiedName.first == "+"
                ? .readWrite : qualifiedName.first == "." ? .constructorOnly : .readOnly,
            defaultValue: defaultValue,
            jsonPrefix: Array("\"\(name)\":".utf8),
            xmlPrefix: Array("<member><name>\(name)</name>".utf8))
        return (model, defaultValue ?? empty, otherEnd)
    }

    private func message(_ text: Substring) -> MessageModel? {
        let (head, rest) = text.cut(at: "(")
        // The result has no parenthesis, but a default may: the last one closes the list.
        guard let rest, let close = rest.lastIndex(of: ")") else { return nil }
        let result = rest[rest.index(after: close)...]
        let name = head.prefix { !"!?-".contains($0) }
        let marks = head[name.endIndex...]
        let parameters = rest[..<close].split(separator: ";").compactMap { parameter -> MessageModel.Parameter? in
            let (typeName, defaultText) = parameter.cut(at: "=")
            guard let type = ValueType(parsing: typeName) else { return nil }
            return .init(
                type: type,
                defaultValue: defaultText.map { ClassDraft.defaultValue($0, empty: type.emptyValue([:])) })
        }
        return MessageModel(
            className: self.name, name: String(name), kind: derivedKind(of: name), parameters: parameters,
            result: result.isEmpty ? nil : ValueType(parsing: result), isAsync: marks.contains("!"),
            needsSession: !marks.contains("?"), isRemoved: marks.contains("-"))
    }

    private static func defaultValue(_ text: Substring, empty: JSON) -> JSON {
        text.isEmpty ? empty : (try? JSON(parsing: String(text))) ?? empty
    }

    /// Some classes write the accessors by hand that others have derived; they do the same.
    private func derivedKind(of name: Substring) -> MessageKind {
        switch name {
        case "get_record": return .getRecord
        case "get_by_uuid": return .getByUUID
        case "get_all": return .getAll
        case "get_all_records": return .getAllRecords
        case "get_all_records_where": return .getAllRecordsWhere
        default: break
        }
        let accessors: [(String, (Int) -> MessageKind)] = [
            ("set_", { .set(field: $0) }), ("add_to_", { .add(field: $0) }),
            ("remove_from_", { .remove(field: $0) }), ("get_", { .get(field: $0) }),
        ]
        for (prefix, kind) in accessors where name.hasPrefix(prefix) {
            let field = name.dropFirst(prefix.count)
            if let index = fields.firstIndex(where: { $0.model.name == field }) { return kind(index) }
        }
        return .custom
    }

    func model(index: Int, find: (_ class: String, _ field: String) -> (Int, Int)?) -> ClassModel {
        let relations = fields.enumerated().compactMap { field, item -> ClassModel.Relation? in
            guard let otherEnd = item.otherEnd, let target = item.model.type.referencedClass,
                let (otherClass, otherField) = find(target, String(otherEnd))
            else { return nil }
            return .init(field: field, otherClass: otherClass, otherField: otherField)
        }
        return ClassModel(
            index: index, name: name, isInDatabase: flags.contains("database"), hasEvents: flags.contains("events"),
            fields: fields.map(\.model), emptyValues: fields.map(\.empty),
            messages: flags.contains("database") ? derivedMessages + customMessages : customMessages,
            relations: relations)
    }

    private var derivedMessages: [MessageModel] {
        let this = ValueType.reference(name)
        var messages: [MessageModel] = []
        func add(
            _ name: String, _ kind: MessageKind, _ parameters: [ValueType], _ result: ValueType?,
            isAsync: Bool = false
        ) {
            messages.append(
                MessageModel(
                    className: self.name, name: name, kind: kind,
                    parameters: parameters.map { .init(type: $0, defaultValue: nil) }, result: result,
                    isAsync: isAsync, needsSession: true, isRemoved: false))
        }
        add("get_record", .getRecord, [this], .record(name))
        add("get_by_uuid", .getByUUID, [.string], this)
        if fields.contains(where: { $0.model.name == "name_label" }), name != "pool" {
            add("get_by_name_label", .getByNameLabel, [.string], .set(this))
        }
        if flags.contains("get_all") {
            let records = ValueType.map(this, .record(name))
            add("get_all", .getAll, [], .set(this))
            add("get_all_records", .getAllRecords, [], records)
            add("get_all_where", .getAllWhere, [.string], .set(this))
            add("get_all_records_where", .getAllRecordsWhere, [.string], records)
        }
        if flags.contains("create") {
            add("create", .create, [.record(name)], this, isAsync: true)
            add("destroy", .destroy, [this], nil, isAsync: true)
        }
        for (index, field) in fields.map(\.model).enumerated() {
            add("get_" + field.name, .get(field: index), [this], field.type)
            guard field.qualifier == .readWrite else { continue }
            add("set_" + field.name, .set(field: index), [this, field.type], nil)
            switch field.type {
            case .set(let element):
                add("add_" + field.name, .add(field: index), [this, element], nil)
                add("remove_" + field.name, .remove(field: index), [this, element], nil)
            case .map(let key, let value):
                add("add_to_" + field.name, .add(field: index), [this, key, value], nil)
                add("remove_from_" + field.name, .remove(field: index), [this, key], nil)
            default: break
            }
        }
        return messages
    }
}

extension ValueType {
    /// The class of a reference or of a set of references.
    fileprivate var referencedClass: String? {
        switch self {
        case .reference(let name): name
        case .set(let element): element.referencedClass
        default: nil
        }
    }

    fileprivate func emptyValue(_ enumerations: [String: [String]]) -> JSON {
        switch self {
        case .string: ""
        case .integer: 0
        case .float: .number(0)
        case .boolean: false
        case .date: .string(Timestamp.never)
        case .enumeration(let name): .string(enumerations[name]?.first ?? "")
        case .reference: .string(Reference.null)
        case .set: .array([])
        case .map, .record: .object([:])
        }
    }
}

extension Substring {
    /// The text before and after the first `separator`.
    fileprivate func cut(at separator: Character) -> (Substring, Substring?) {
        guard let index = firstIndex(of: separator) else { return (self, nil) }
        return (self[..<index], self[self.index(after: index)...])
    }
}
