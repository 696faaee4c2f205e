import XOJSON

/// What a method takes, and the preparation of what a caller sends.
final class MethodParameters: Sendable {
    /// `nil`: anything is taken as it comes.
    private let schema: JSONSchema?
    private let names: Set<String>
    private let takesOthers: Bool
    /// The name under which callers may send `id`: `vm` for `vm.start`. `nil` if that is not allowed.
    private let idAlias: String?

    /// - Parameters:
    ///   - declared: name → schema in the dialect of ``ParameterDialect``; `nil` or an empty object takes anything.
    ///   - namespace: the method's name up to its last dot.
    init(_ declared: JSON?, namespace: String) throws(SchemaProblem) {
        guard let declared, declared != .object([:]) else {
            (schema, names, takesOthers, idAlias) = (nil, [], true, nil)
            return
        }
        guard let parameters = declared.object else {
            throw SchemaProblem("found \(declared.typeName), expected an object of name → schema", at: [])
        }
        schema = try JSONSchema(try ParameterDialect.schema(of: parameters))
        takesOthers = parameters["*"] != nil
        names = Set(parameters.keys).subtracting(["*"])
        idAlias = names.contains("id") && !names.contains(namespace) ? namespace : nil
    }

    /// The parameters as the method shall see them: aliases and `NAME?` resolved, defaults inserted, checked.
    ///
    /// What needs no change is handed on without being copied.
    func prepare(_ params: JSON?) throws(InvalidParameters) -> JSON {
        var params = named(params)
        guard let schema else { return params }
        try resolveOptionalNames(in: &params)
        resolveAlias(in: &params)
        let (completed, violations) = schema.check(params)
        guard violations.isEmpty else { throw .violations(violations) }
        return completed ?? params
    }

    /// Parameters by position become members "0", "1" …, which no method declares: refused with the usual error.
    private func named(_ params: JSON?) -> JSON {
        guard let elements = params?.array else { return params ?? .object([:]) }
        return .object(
            JSONObject(uniqueKeysWithValues: elements.enumerated().map { (String($0.offset), $0.element) }))
    }

    /// `NAME?` is NAME if the method knows it, and nothing otherwise: so a client can talk to older servers.
    private func resolveOptionalNames(in params: inout JSON) throws(InvalidParameters) {
        guard let members = params.object, members.keys.contains(where: isOptional) else { return }
        var resolved = JSONObject()
        for (key, value) in members {
            guard isOptional(key) else {
                resolved[key] = value
                continue
            }
            let name = String(key.dropLast())
            guard members[name] == nil else { throw .conflictingKeys(name, key) }
            if takesOthers || names.contains(name) { resolved[name] = value }
        }
        params = .object(resolved)
    }

    private func isOptional(_ key: String) -> Bool { key.utf8.last == UInt8(ascii: "?") }

    private func resolveAlias(in params: inout JSON) {
        guard let idAlias, case .object(var members) = params, members["id"] == nil,
            case .string? = members[idAlias]
        else { return }
        members["id"] = members.removeValue(forKey: idAlias)
        params = .object(members)
    }
}

/// Why parameters are refused.
enum InvalidParameters: Error, Sendable, Hashable, CustomStringConvertible {
    /// For the error `invalid parameters` (code 10), whose data is `{errors: violations.json}`.
    case violations([Violation])
    /// A plain error: both `NAME` and `NAME?` were given.
    case conflictingKeys(String, String)

    var description: String {
        switch self {
        case .violations: "invalid parameters"
        case .conflictingKeys(let name, let optional): "conflicting keys: \(name), \(optional)"
        }
    }
}
