import XOJSON

/// Makes values from JSON Schemas: such that fit, such that are at the limits, and such that do not fit.
struct Sampler {
    /// What a schema means where it says nothing.
    enum Dialect: Sendable {
        /// JSON Schema.
        case configuration
        /// That of methods: what is not optional is required, and texts are not empty.
        case parameters
    }

    /// A value with one place changed.
    struct Variant {
        /// What is different, for people: `port = 65535`.
        let name: String
        let value: JSON
    }

    private let dialect: Dialect
    /// Longer texts and lists say nothing new.
    private static let longestText = 65_536
    private static let longestList = 100

    init(_ dialect: Dialect) { self.dialect = dialect }

    // MARK: What fits

    /// A value that fits, as small as can be, with all defaults.
    func valid(_ schema: JSON) -> JSON {
        if let value = schema["default"] ?? schema["const"] ?? schema["enum"]?[0] { return value }
        for keyword in ["anyOf", "oneOf", "allOf"] {
            if let first = schema[keyword]?[0], schema["type"] == nil { return valid(first) }
        }
        switch schema["type"]?.string ?? schema["type"]?[0]?.string {
        case "object": return completed([:], schema)
        case "array":
            let count = min(Int(schema["minItems"]?.integer ?? 0), Self.longestList)
            return .array(Array(repeating: valid(schema["items"] ?? [:]), count: count))
        case "string":
            let shortest = dialect == .parameters ? 1 : 0
            return .string(text(max(Int(schema["minLength"]?.integer ?? 0), shortest)))
        case "integer", "number":
            if let least = schema["minimum"] { return least }
            if let least = schema["exclusiveMinimum"]?.integer { return .integer(least + 1) }
            return schema["maximum"]?.integer.map { .integer(min($0, 0)) } ?? 0
        case "boolean": return false
        case "null": return .null
        default: return schema["properties"] == nil ? "a" : completed([:], schema)
        }
    }

    /// An object with what it lacks: defaults, and members that are required.
    func completed(_ value: JSON, _ schema: JSON) -> JSON {
        guard var members = value.object else { return value }
        for (name, property) in schema["properties"]?.object ?? [:] where name != "*" {
            if let present = members[name] {
                members[name] = completed(present, property)
            } else if property["default"] != nil || isRequired(name, property, schema) {
                members[name] = valid(property)
            }
        }
        return .object(members)
    }

    private func isRequired(_ name: String, _ property: JSON, _ schema: JSON) -> Bool {
        switch dialect {
        case .configuration: schema["required"]?.array?.contains(.string(name)) ?? false
        case .parameters: property["optional"] != true
        }
    }

    // MARK: The limits

    /// Values that fit and differ from `base` in one member, which is at a limit of its schema.
    func boundaries(_ base: JSON, _ schema: JSON) -> [Variant] {
        variants(base, schema, limits)
    }

    /// Values that differ from `base` in one member, which is not of the type that its schema demands.
    func wrongTypes(_ base: JSON, _ schema: JSON) -> [Variant] {
        variants(base, schema) { property in
            let allowed = property["type"]?.array?.compactMap(\.string) ?? [property["type"]?.string].compactMap { $0 }
            guard !allowed.isEmpty else { return [] }
            let all: [JSON] = [nil, true, 7, -1.5, "text", [], ["text": 1]]
            return all.filter { value in
                !allowed.contains(value.typeName) && !(allowed.contains("number") && value.typeName == "integer")
            }
        }
    }

    private func variants(_ base: JSON, _ schema: JSON, _ values: (JSON) -> [JSON]) -> [Variant] {
        guard let members = base.object else { return [] }
        var variants: [Variant] = []
        for (name, property) in schema["properties"]?.object ?? [:] where name != "*" {
            func changed(_ value: JSON?) -> JSON {
                var members = members
                members[name] = value
                return .object(members)
            }
            for value in values(property) {
                variants.append(Variant(name: "\(name) = \(Self.short(value))", value: changed(value)))
            }
            // One level further down, in what is there.
            let inner = members[name] ?? valid(property)
            if inner.object != nil {
                for variant in self.variants(inner, property, values) {
                    variants.append(Variant(name: "\(name).\(variant.name)", value: changed(variant.value)))
                }
            } else if let first = inner[0], let items = property["items"] {
                for variant in self.variants(first, items, values) {
                    variants.append(Variant(name: "\(name)[0].\(variant.name)", value: changed([variant.value])))
                }
            }
        }
        return variants
    }

    private func limits(_ schema: JSON) -> [JSON] {
        if let values = schema["enum"]?.array { return values }
        let types = schema["type"]?.array?.compactMap(\.string) ?? [schema["type"]?.string].compactMap { $0 }
        return types.flatMap { type -> [JSON] in
            switch type {
            case "integer", "number":
                return [
                    schema["minimum"], schema["maximum"],
                    schema["exclusiveMinimum"]?.integer.map { .integer($0 + 1) },
                    schema["exclusiveMaximum"]?.integer.map { .integer($0 - 1) },
                    schema["minimum"] == nil && schema["exclusiveMinimum"] == nil ? .integer(.min) : nil,
                    schema["maximum"] == nil && schema["exclusiveMaximum"] == nil ? .integer(.max) : nil,
                ].compactMap { $0 }
            case "string":
                let longest = Int(clamping: schema["maxLength"]?.integer ?? Int64(Self.longestText))
                let shortest = Int(clamping: schema["minLength"]?.integer ?? (dialect == .parameters ? 1 : 0))
                guard schema["pattern"] == nil else { return [] }
                // Also of characters that take the most bytes.
                return [
                    .string(text(shortest)), .string(text(min(longest, Self.longestText))),
                    .string(String(repeating: "\u{1F600}", count: min(longest, Self.longestText / 4))),
                ]
            case "array":
                let item = valid(schema["items"] ?? [:])
                let longest = Int(clamping: schema["maxItems"]?.integer ?? Int64(Self.longestList))
                return [Int(clamping: schema["minItems"]?.integer ?? 0), min(longest, Self.longestList)].map {
                    .array(Array(repeating: item, count: min($0, Self.longestList)))
                }
            case "boolean": return [false, true]
            case "null": return [.null]
            default: return []
            }
        }
    }

    private func text(_ length: Int) -> String { String(repeating: "a", count: min(length, Self.longestText)) }

    private static func short(_ value: JSON) -> String {
        let text = value.description
        return text.utf8.count <= 40 ? text : "\(text.prefix(20))… (\(text.utf8.count) bytes)"
    }

    // MARK: Anything

    /// Any JSON value.
    static func random(_ random: inout SeededRandom, depth: Int = 0) -> JSON {
        switch Int.random(in: 0..<(depth < 3 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(Int64(bitPattern: random.next()))
        case 3: return .number(Double(Int64(bitPattern: random.next())) / 1e6)
        case 4, 5:
            let count = Int.random(in: 0...24, using: &random)
            return .string(
                String(
                    String.UnicodeScalarView(
                        (0..<count).compactMap { _ in
                            Unicode.Scalar(UInt32.random(in: 0...0x1_FFFF, using: &random))
                        })))
        case 6:
            let count = Int.random(in: 0...4, using: &random)
            return .array((0..<count).map { _ in Sampler.random(&random, depth: depth + 1) })
        default:
            return object(&random, names: [], depth: depth)
        }
    }

    /// An object with some members of these names, and others.
    static func object(_ random: inout SeededRandom, names: [String], depth: Int = 0) -> JSON {
        var members = JSONObject()
        for name in names where Bool.random(using: &random) {
            members[name] = Sampler.random(&random, depth: depth + 1)
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            members["x\(random.next() % 100)"] = Sampler.random(&random, depth: depth + 1)
        }
        return .object(members)
    }
}
