import XOJSON
import XOProtocol

/// Who may call a method, before object parameters are looked at.
public enum Permission: String, Sendable, Codable {
    /// Everybody, also before signing in.
    case `public`
    /// Every signed-in user.
    case user
    case read, write, admin
}

/// A JSON-RPC method that a plugin offers.
///
/// ```swift
/// struct Greeting: Decodable { var name: String; var loud: Bool? }
///
/// Method("hello.greet", "Greets somebody.", permission: .user) { (parameters: Greeting, call) in
///     "Hello, \(parameters.name)!"
/// }
/// ```
///
/// The host checks parameters, permission and object parameters before the handler runs. A handler that waits for
/// something runs as a task, which is cancelled when the client is gone or the deadline has passed; one without `await`
/// is simply called. Both begin on a thread of the host, so they must not compute for long before the first `await`.
/// What a handler throws reaches the client: a ``MethodError`` as it is, anything else as an internal error.
public struct Method: Sendable {
    /// Parameters in, JSON text out; empty text for "no result".
    enum Handler: Sendable {
        case immediate(@Sendable (JSON, Call) throws -> [UInt8])
        case task(@Sendable (JSON, Call) async throws -> [UInt8])
    }

    let name: String
    let description: JSON
    let handler: Handler

    /// - Parameters:
    ///   - name: namespace, dot, name; unique among all plugins.
    ///   - summary: one or two sentences for people.
    ///   - parameters: their schemas. Left out, they are inferred from the first parameter of the handler.
    ///   - objects: parameters that name objects of the inventory, and the right that the caller needs on them.
    ///   - timeout: after which the caller is told that it took too long.
    ///   - isIdempotent: a second call does no harm and has the same result. If the plugin's process ends under a call,
    ///     the host makes it once more.
    public init<Parameters: Decodable & Sendable, Result: Encodable & Sendable>(
        _ name: String, _ summary: String, permission: Permission, parameters: MethodParameters? = nil,
        objects: KeyValuePairs<String, ObjectParameter> = [:], timeout: Duration? = nil,
        isIdempotent: Bool = false, _ handler: @escaping @Sendable (Parameters, Call) async throws -> Result
    ) {
        self.init(
            name, summary, permission, parameters ?? MethodParameters(inferredFrom: Parameters.self), objects, timeout,
            isIdempotent,
            .task { parameters, call in
                try JSON(encoding: try await handler(try Method.decode(parameters), call)).serialized()
            })
    }

    /// The same with a handler that does not wait, which costs a third of the time.
    public init<Parameters: Decodable & Sendable, Result: Encodable & Sendable>(
        _ name: String, _ summary: String, permission: Permission, parameters: MethodParameters? = nil,
        objects: KeyValuePairs<String, ObjectParameter> = [:], timeout: Duration? = nil,
        isIdempotent: Bool = false, _ handler: @escaping @Sendable (Parameters, Call) throws -> Result
    ) {
        self.init(
            name, summary, permission, parameters ?? MethodParameters(inferredFrom: Parameters.self), objects, timeout,
            isIdempotent,
            .immediate { parameters, call in
                try JSON(encoding: try handler(try Method.decode(parameters), call)).serialized()
            })
    }

    /// A method without result; clients see `true`.
    public init<Parameters: Decodable & Sendable>(
        _ name: String, _ summary: String, permission: Permission, parameters: MethodParameters? = nil,
        objects: KeyValuePairs<String, ObjectParameter> = [:], timeout: Duration? = nil,
        isIdempotent: Bool = false, _ handler: @escaping @Sendable (Parameters, Call) async throws -> Void
    ) {
        self.init(
            name, summary, permission, parameters ?? MethodParameters(inferredFrom: Parameters.self), objects, timeout,
            isIdempotent,
            .task { parameters, call in
                try await handler(try Method.decode(parameters), call)
                return []
            })
    }

    /// The same with a handler that does not wait.
    public init<Parameters: Decodable & Sendable>(
        _ name: String, _ summary: String, permission: Permission, parameters: MethodParameters? = nil,
        objects: KeyValuePairs<String, ObjectParameter> = [:], timeout: Duration? = nil,
        isIdempotent: Bool = false, _ handler: @escaping @Sendable (Parameters, Call) throws -> Void
    ) {
        self.init(
            name, summary, permission, parameters ?? MethodParameters(inferredFrom: Parameters.self), objects, timeout,
            isIdempotent,
            .immediate { parameters, call in
                try handler(try Method.decode(parameters), call)
                return []
            })
    }

    private init(
        _ name: String, _ summary: String, _ permission: Permission, _ parameters: MethodParameters?,
        _ objects: KeyValuePairs<String, ObjectParameter>, _ timeout: Duration?, _ isIdempotent: Bool,
        _ handler: Handler
    ) {
        self.name = name
        self.handler = handler
        var description: JSONObject = [
            "name": .string(name), "description": .string(summary), "permission": .string(permission.rawValue),
        ]
        if let parameters { description["params"] = .object(parameters.schemas) }
        if !objects.isEmpty {
            description["objects"] = .object(
                JSONObject(objects.map { ($0, $1.description) }, uniquingKeysWith: { _, last in last }))
        }
        if let timeout { description["timeout"] = JSON((timeout / .milliseconds(1)).rounded(.up)) }
        if isIdempotent { description["idempotent"] = true }
        self.description = .object(description)
    }

    private static func decode<Parameters: Decodable>(_ parameters: JSON) throws -> Parameters {
        if Parameters.self == JSON.self, let parameters = parameters as? Parameters { return parameters }
        do {
            return try parameters.decoded()
        } catch let error as DecodingError {
            // The schema was more liberal than the type.
            throw MethodError.invalidParameters("\(error)")
        }
    }
}

/// A method without parameters.
public struct NoParameters: Decodable, Sendable {
    public init() {}
}

/// A parameter that names an object of the inventory, by id or by reference.
public struct ObjectParameter: Sendable {
    /// The right that the caller needs on the object. Administrators have all.
    public enum Right: String, Sendable {
        case view, operate, administrate
    }

    let description: JSON

    /// - Parameters:
    ///   - types: which types of object are meant; empty for any.
    ///   - right: `nil` if the object need only exist.
    public init(types: [String] = [], right: Right?) {
        description = ["types": JSON(types), "permission": right.map { .string($0.rawValue) } ?? .null]
    }
}
