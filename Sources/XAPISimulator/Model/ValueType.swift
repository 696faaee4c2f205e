/// The type of a field, a parameter or a result, as the data model names it.
indirect enum ValueType: Hashable, Sendable {
    case string, integer, float, boolean, date
    case enumeration(String)
    case reference(String)
    case record(String)
    case set(ValueType)
    case map(ValueType, ValueType)

    /// Reads `map<string,set<ref<VM>>>` and the like; `nil` if it is not of that form.
    init?(parsing text: Substring) {
        switch text {
        case "string": self = .string
        case "int": self = .integer
        case "float": self = .float
        case "bool": self = .boolean
        case "datetime": self = .date
        default:
            guard let open = text.firstIndex(of: "<"), text.last == ">" else { return nil }
            let inner = text[text.index(after: open)...].dropLast()
            switch text[..<open] {
            case "enum": self = .enumeration(String(inner))
            case "ref": self = .reference(String(inner))
            case "record": self = .record(String(inner))
            case "set":
                guard let element = ValueType(parsing: inner) else { return nil }
                self = .set(element)
            case "option":
                // An option that is empty is left out of a structure; inside it is its content.
                guard let content = ValueType(parsing: inner) else { return nil }
                self = content
            case "map":
                // Keys are never compound, so the first comma separates them from the values.
                guard let comma = inner.firstIndex(of: ","),
                    let key = ValueType(parsing: inner[..<comma]),
                    let value = ValueType(parsing: inner[inner.index(after: comma)...])
                else { return nil }
                self = .map(key, value)
            default: return nil
            }
        }
    }
}
