import XOJSON

/// What several answers to the same question have in common: of their unstable parts only the type.
///
/// Times, counters and random ids differ from run to run. Which parts those are nobody declares; they show themselves
/// where two runs under the same circumstances differ.
enum Pattern {
    case exactly(JSON)
    case object([(name: String, value: Pattern)])
    case array([Pattern])
    /// A value of one of these types, with so many elements if it has any.
    case anything(types: Set<String>, counts: ClosedRange<Int>)

    init(_ value: JSON) { self = .exactly(value) }

    /// The pattern that also fits this value.
    func widened(by value: JSON) -> Pattern {
        if fits(value) { return self }
        switch self {
        case .exactly(let known):
            if let members = known.object, let others = value.object, members.keys == others.keys {
                return Pattern.object(members.map { ($0.key, .exactly($0.value)) }).widened(by: value)
            }
            if let elements = known.array, let others = value.array, elements.count == others.count {
                return Pattern.array(elements.map { .exactly($0) }).widened(by: value)
            }
        case .object(let members):
            if let others = value.object, others.keys.elementsEqual(members.map(\.name)) {
                return .object(zip(members, others.values).map { ($0.name, $0.value.widened(by: $1)) })
            }
        case .array(let elements):
            if let others = value.array, others.count == elements.count {
                return .array(zip(elements, others).map { $0.widened(by: $1) })
            }
        case .anything: break
        }
        let count = Self.count(value)
        return .anything(
            types: types.union([Self.type(value)]),
            counts: min(counts.lowerBound, count)...max(counts.upperBound, count))
    }

    /// Whether a value is among those that it stands for.
    func fits(_ value: JSON) -> Bool { deviation(of: value) == nil }

    /// The innermost place where a value does not fit; `nil` if it does.
    func deviation(of value: JSON) -> JSONPlace? {
        switch self {
        case .exactly(let known):
            if known == value { return nil }
            // Looked at closer, so that people are shown what differs and not all of it.
            if let members = known.object, let others = value.object, members.keys == others.keys {
                return Pattern.object(members.map { ($0.key, .exactly($0.value)) }).deviation(of: value)
            }
            if let elements = known.array, let others = value.array, elements.count == others.count {
                return Pattern.array(elements.map { .exactly($0) }).deviation(of: value)
            }
            return JSONPlace()
        case .object(let members):
            guard let others = value.object, others.keys.elementsEqual(members.map(\.name)) else { return JSONPlace() }
            return zip(members, others.values).lazy.compactMap { member, other in
                member.value.deviation(of: other)?.inside(.member(member.name))
            }.first
        case .array(let elements):
            guard let others = value.array, others.count == elements.count else { return JSONPlace() }
            return zip(elements, others).enumerated().lazy.compactMap { index, pair in
                pair.0.deviation(of: pair.1)?.inside(.element(index))
            }.first
        case .anything(let types, let counts):
            return types.contains(Self.type(value)) && counts.contains(Self.count(value)) ? nil : JSONPlace()
        }
    }

    private var types: Set<String> {
        switch self {
        case .exactly(let value): [Self.type(value)]
        case .object: ["object"]
        case .array: ["array"]
        case .anything(let types, _): types
        }
    }

    private var counts: ClosedRange<Int> {
        switch self {
        case .exactly(let value): Self.count(value)...Self.count(value)
        case .object(let members): members.count...members.count
        case .array(let elements): elements.count...elements.count
        case .anything(_, let counts): counts
        }
    }

    private static func count(_ value: JSON) -> Int { value.array?.count ?? value.object?.count ?? 0 }

    /// All numbers are of one type: a time may be whole by chance.
    private static func type(_ value: JSON) -> String { value.double == nil ? value.typeName : "number" }
}
