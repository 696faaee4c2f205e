import XOJSON

/// What several answers to the same question have in common: of their unstable parts only the type.
///
/// Times, counters and random ids differ from run to run. Which parts those are nobody declares; they show themselves
/// where two runs under the same circumstances differ.
enum Pattern {
    case exactly(JSON)
    /// By name: in which order members come means nothing, and many programs have another one in each process.
    case object([String: Pattern])
    case array([Pattern])
    /// A value of one of these types, with so many elements if it has any; `nil`: any number, as that is not stable
    /// either.
    case anything(types: Set<String>, count: Int?)

    init(_ value: JSON) { self = .exactly(value) }

    /// The pattern that also fits this value.
    func widened(by value: JSON) -> Pattern {
        if fits(value) { return self }
        switch self {
        case .exactly(let known):
            if let opened = Self.opened(known, like: value) { return opened.widened(by: value) }
        case .object(let members):
            if let others = value.object, Self.haveSameNames(members, others) {
                return .object(
                    members.reduce(into: members) { members, member in
                        if let other = others[member.key] { members[member.key] = member.value.widened(by: other) }
                    })
            }
        case .array(let elements):
            if let others = value.array, others.count == elements.count {
                return .array(zip(elements, others).map { $0.widened(by: $1) })
            }
        case .anything: break
        }
        return .anything(
            types: types.union([Self.type(value)]), count: count == Self.count(value) ? count : nil)
    }

    /// Whether a value is among those that it stands for.
    func fits(_ value: JSON) -> Bool { deviation(of: value) == nil }

    /// The innermost place where a value does not fit; `nil` if it does.
    func deviation(of value: JSON) -> JSONPlace? {
        switch self {
        case .exactly(let known):
            if known == value { return nil }
            // Looked at closer, so that people are shown what differs and not all of it.
            guard let opened = Self.opened(known, like: value) else { return JSONPlace() }
            return opened.deviation(of: value)
        case .object(let members):
            guard let others = value.object, Self.haveSameNames(members, others) else { return JSONPlace() }
            return others.lazy.compactMap { name, other in
                members[name]?.deviation(of: other)?.inside(.member(name))
            }.first
        case .array(let elements):
            guard let others = value.array, others.count == elements.count else { return JSONPlace() }
            return zip(elements, others).enumerated().lazy.compactMap { index, pair in
                pair.0.deviation(of: pair.1)?.inside(.element(index))
            }.first
        case .anything(let types, let count):
            return types.contains(Self.type(value)) && (count == nil || count == Self.count(value)) ? nil : JSONPlace()
        }
    }

    /// The pattern of a value by its members or elements, if another one has the same; `nil` if it does not.
    private static func opened(_ known: JSON, like value: JSON) -> Pattern? {
        if let members = known.object, let others = value.object {
            let patterns = Dictionary(uniqueKeysWithValues: members.map { ($0.key, Pattern.exactly($0.value)) })
            return haveSameNames(patterns, others) ? .object(patterns) : nil
        }
        if let elements = known.array, let others = value.array, elements.count == others.count {
            return .array(elements.map { .exactly($0) })
        }
        return nil
    }

    private static func haveSameNames(_ members: [String: Pattern], _ others: JSONObject) -> Bool {
        members.count == others.count && others.keys.allSatisfy { members[$0] != nil }
    }

    private var types: Set<String> {
        switch self {
        case .exactly(let value): [Self.type(value)]
        case .object: ["object"]
        case .array: ["array"]
        case .anything(let types, _): types
        }
    }

    private var count: Int? {
        switch self {
        case .exactly(let value): Self.count(value)
        case .object(let members): members.count
        case .array(let elements): elements.count
        case .anything(_, let count): count
        }
    }

    private static func count(_ value: JSON) -> Int { value.array?.count ?? value.object?.count ?? 0 }

    /// All numbers are of one type: a time may be whole by chance.
    private static func type(_ value: JSON) -> String { value.double == nil ? value.typeName : "number" }
}
