import XAPIPool
import XOJSON
import XOPluginAPI

/// A pool, as seen from one of its objects: what a method works with.
struct Pool: Sendable {
    let connection: PoolConnection
    /// XenServer's reference of the object.
    let ref: String
    /// The object's id.
    let id: String
    /// The id of the pool.
    let poolID: String
    let server: String
    let isReadOnly: Bool

    /// Calls a method with the object as its first parameter, as a task on the server, and waits for its end.
    func run(_ method: String, _ arguments: JSON...) async throws {
        _ = try await translatingErrors { try await connection.run(method, [.string(ref)] + arguments) }
    }

    /// The same for any method; returns the task's result, an XML-RPC value as text.
    func outcome(_ method: String, _ arguments: [JSON]) async throws -> String {
        try await translatingErrors { try await connection.run(method, arguments) }
    }

    /// Calls a method that ends soon, and returns its result.
    func ask(_ method: String, _ arguments: JSON...) async throws -> JSON {
        try await translatingErrors { try await connection.call(method, arguments) }
    }

    /// Calls a method that ends soon, with the object as its first parameter.
    func call(_ method: String, _ arguments: JSON...) async throws {
        _ = try await translatingErrors { try await connection.call(method, [.string(ref)] + arguments) }
    }

    /// Another object of the same pool.
    func object(_ ref: String, id: String) -> Pool {
        Pool(connection: connection, ref: ref, id: id, poolID: poolID, server: server, isReadOnly: isReadOnly)
    }

    private func translatingErrors<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as XAPIError {
            throw await ErrorTranslation(connection: connection).translate(error)
        } catch let problem as PoolProblem {
            throw MethodError.failed("\(problem)")
        }
    }
}

extension ServerRegistry {
    /// The pool of the object that a call names, for changing something.
    ///
    /// - Throws: `forbidden operation` if the server is read-only.
    func writable(_ method: String, _ call: Call, _ parameter: String = "id") throws -> (pool: Pool, object: JSON) {
        guard let object = call.object(parameter) else {
            throw MethodError.noSuchObject(id: "", type: parameter)
        }
        let pool = try pool(of: object)
        guard !pool.isReadOnly else {
            throw MethodError.forbiddenOperation(
                operation: method, reason: "the server \(pool.server) of this pool is set to read-only")
        }
        return (pool, object)
    }
}
