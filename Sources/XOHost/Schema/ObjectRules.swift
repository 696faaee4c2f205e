import XOJSON

/// `properties`, `required`, `additionalProperties`.
///
/// This is what every call's parameters pass through: one look-up per declared property, and no allocation while
/// nothing is wrong and no default is due. Classes, because to look at a structure of several references costs a count
/// up and down for each of them.
final class ObjectRules: Sendable {
    final class Property: Sendable {
        let name: String
        let schema: SchemaNode
        let isRequired: Bool
        /// Inserted when the property is absent, with the defaults of its own properties already in it.
        let defaultValue: JSON?

        init(name: String, schema: SchemaNode, isRequired: Bool, defaultValue: JSON?) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
            self.defaultValue = defaultValue
        }
    }

    enum Others: Sendable {
        case allowed
        case refused
        case checked(SchemaNode)
    }

    let properties: [Property]
    /// Names in `required` that `properties` does not have.
    let requiredOthers: [String]
    /// All names in `required` without those that have a default, in the order written.
    let required: [String]
    let others: Others
    let names: Set<String>

    init(
        properties: [Property], requiredOthers: [String], required: [String], others: Others, names: Set<String>
    ) {
        self.properties = properties
        self.requiredOthers = requiredOthers
        self.required = required
        self.others = others
        self.names = names
    }

    /// The members with defaults inserted, `nil` if none were.
    func check(_ members: JSONObject, _ path: String, _ violations: inout [Violation]) -> JSONObject? {
        let start = violations.count
        var completed: JSONObject?
        var declared = 0
        var isIncomplete = false
        for property in properties {
            if let value = members[property.name] {
                declared += 1
                let known = violations.count
                if let replacement = property.schema.check(value, &violations) {
                    set(replacement, for: property.name, in: &completed, from: members)
                }
                violations.move(since: known, below: .member(property.name))
            } else if let value = property.defaultValue {
                set(value, for: property.name, in: &completed, from: members)
            } else if property.isRequired {
                isIncomplete = true
            }
        }
        if !requiredOthers.isEmpty { isIncomplete = isIncomplete || requiredOthers.contains { members[$0] == nil } }
        guard isIncomplete || declared < members.count else { return completed }

        var first = isIncomplete ? missing(in: members, path) : []
        if declared < members.count { checkOthers(of: members, path, &first, &completed) }
        violations.insert(contentsOf: first, at: start)
        return completed
    }

    private func missing(in members: JSONObject, _ path: String) -> [Violation] {
        required.filter { members[$0] == nil }.map { name in
            Violation(
                "required", in: path, params: ["missingProperty": JSON(name)],
                "must have required property '\(name)'")
        }
    }

    private func checkOthers(
        of members: JSONObject, _ path: String, _ violations: inout [Violation], _ completed: inout JSONObject?
    ) {
        if case .allowed = others { return }
        for (name, value) in members where !names.contains(name) {
            switch others {
            case .allowed: break
            case .refused:
                violations.append(
                    Violation(
                        "additionalProperties", in: path, params: ["additionalProperty": JSON(name)],
                        "must NOT have additional properties"))
            case .checked(let schema):
                let known = violations.count
                if let replacement = schema.check(value, &violations) {
                    set(replacement, for: name, in: &completed, from: members)
                }
                violations.move(since: known, below: .member(name))
            }
        }
    }

    private func set(_ value: JSON, for name: String, in completed: inout JSONObject?, from members: JSONObject) {
        if completed == nil { completed = members }
        completed?[name] = value
    }
}
