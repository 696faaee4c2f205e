import XOJSON

/// Patterns over JSON values, as clients of the network API write them.
///
/// A plain value matches its equal; an object matches one whose members match, others may be there; an array matches
/// one in which each of its elements matches some element. `{"__or": […]}`, `{"__and": […]}` and `{"__not": …}`
/// combine patterns.
enum ValuePattern {
    static func matches(_ pattern: JSON, _ value: JSON) -> Bool {
        switch pattern {
        case .object(let members):
            if members.count == 1, let (key, operand) = members.elements.first {
                switch (key, operand) {
                case ("__or", .array(let patterns)): return patterns.contains { matches($0, value) }
                case ("__and", .array(let patterns)): return patterns.allSatisfy { matches($0, value) }
                case ("__not", _): return !matches(operand, value)
                default: break
                }
            }
            guard let object = value.object else { return false }
            return members.allSatisfy { key, pattern in object[key].map { matches(pattern, $0) } ?? false }
        case .array(let patterns):
            guard let elements = value.array else { return false }
            return patterns.allSatisfy { pattern in elements.contains { matches(pattern, $0) } }
        default:
            return pattern.isSame(as: value)
        }
    }
}
