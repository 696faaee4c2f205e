import XOJSON

/// Who may call a method, before its object parameters are looked at.
enum MethodPermission: Sendable, Equatable {
    /// Everybody, also before sign-in.
    case everybody
    /// Every signed-in user.
    case signedIn
    case atLeast(Permission)

    /// The name in a plugin's catalogue.
    init?(name: String) {
        switch name {
        case "public": self = .everybody
        case "user": self = .signedIn
        case "read", "write", "admin":
            guard let permission = Permission(rawValue: name) else { return nil }
            self = .atLeast(permission)
        default: return nil
        }
    }

    /// As clients are told: null for public methods, absent for every signed-in user.
    var wireForm: JSON? {
        switch self {
        case .everybody: .null
        case .signedIn: nil
        case .atLeast(let permission): .string(permission.rawValue)
        }
    }

    func allows(_ principal: Principal?) -> Bool {
        switch self {
        case .everybody: true
        case .signedIn: principal != nil
        case .atLeast(let permission): (principal?.permission ?? .none) >= permission
        }
    }
}

/// A parameter that names an object of the inventory.
struct ObjectParameter: Sendable {
    let name: String
    /// Empty: any type.
    let types: [String]
    /// `nil`: the object need only exist.
    let right: ObjectRight?
}

/// A method in the registry.
final class MethodDefinition: Sendable {
    enum Provider: Sendable {
        case host(NativeHandler)
        case plugin(Incarnation, index: UInt32)
    }

    let name: String
    let summary: String
    let permission: MethodPermission
    /// As declared, in the dialect of the network contract; `nil` if nothing was.
    let declaredParameters: JSON?
    let parameters: MethodParameters
    let objects: [ObjectParameter]
    /// Nanoseconds after which the caller is told that it took too long; `nil`: never.
    let timeout: Int64?
    /// Whether it may be called again if nobody knows whether it was carried out.
    let isIdempotent: Bool
    let provider: Provider

    init(
        name: String, summary: String, permission: MethodPermission, parameters declared: JSON?,
        objects: [ObjectParameter] = [], timeout: Int64? = nil, isIdempotent: Bool = false, provider: Provider
    ) throws(SchemaProblem) {
        self.name = name
        self.summary = summary
        self.permission = permission
        self.objects = objects
        self.timeout = timeout
        self.isIdempotent = isIdempotent
        self.provider = provider
        declaredParameters = declared
        parameters = try MethodParameters(declared, namespace: MethodDefinition.namespace(of: name))
    }

    /// Whether the parameters must be read before the call: else they are forwarded as they came.
    var inspectsParameters: Bool {
        if case .host = provider { return true }
        return declaredParameters != nil || !objects.isEmpty
    }

    /// Whether it is what an instance is tried out with: its method `….test`, for administrators.
    func isTest(of instance: String) -> Bool {
        guard case .plugin(let life, _) = provider else { return false }
        return life.owner.id == instance && name.hasSuffix(".test") && permission == .atLeast(.admin)
    }

    /// The name up to the last dot.
    static func namespace(of name: String) -> String {
        name.lastIndex(of: ".").map { String(name[..<$0]) } ?? ""
    }

    /// The entry of `system.getMethodsInfo`.
    var info: JSON {
        var members: JSONObject = [:]
        if !summary.isEmpty { members["description"] = .string(summary) }
        members["params"] = declaredParameters ?? [:]
        if let permission = permission.wireForm { members["permission"] = permission }
        return .object(members)
    }
}
