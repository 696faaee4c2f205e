import XAPIPool
import XOJSON
import XOPluginAPI

let nullReference = "OpaqueRef:NULL"

extension Call {
    /// For what needs rights on objects that no parameter names, such as the storages of a VM's disks.
    func requireAdministrator() throws {
        guard caller.permission == .admin else { throw MethodError.unauthorized() }
    }
}

/// From one object of a pool to others.
extension Pool {
    /// Another object that a call names; it has to be of the same pool.
    func sibling(_ record: JSON) throws -> Pool {
        guard let id = record["id"]?.string, let other = record["_xapiRef"]?.string else {
            throw MethodError.noSuchObject(id: record["id"]?.string ?? "")
        }
        guard record["$pool"]?.string == poolID else {
            throw MethodError.invalidParameters("invalid parameters: \(id) and \(self.id) are in different pools")
        }
        return object(other, id: id)
    }

    /// An object of which only the id is known; `nil` if it is gone.
    func relative(_ className: String, _ id: String) async -> Pool? {
        await connection.ref(of: id, class: className).map { object($0, id: id) }
    }

    /// Makes an object of a class and returns it when the pool has told its id.
    func make(_ className: String, _ record: JSONObject) async throws -> Pool {
        let ref = try await ask("\(className).create", .object(record)).string ?? ""
        return try await identified(className, ref)
    }

    /// Calls a method that makes an object out of this one, as a task, and returns that.
    func derive(_ className: String, _ method: String, _ arguments: JSON...) async throws -> Pool {
        let result = try await outcome(method, [.string(ref)] + arguments)
        guard let start = result.firstRange(of: "OpaqueRef:") else {
            throw MethodError.failed("\(method) has come to its end without an object")
        }
        let made = result[start.lowerBound...].prefix { $0 != "<" }
        return try await identified(className, String(made))
    }

    private func identified(_ className: String, _ ref: String) async throws -> Pool {
        // Whoever made it will want to use it at once, by its id.
        await connection.appearance(of: ref)
        let id = try await ask("\(className).get_uuid", .string(ref)).string ?? ""
        return object(ref, id: id)
    }

    /// Whether there is something in this drive.
    var holdsDisc: Bool {
        get async { await connection.value(of: "VDI", in: ref)?.string ?? nullReference != nullReference }
    }

    var isRunning: Bool {
        get async { await connection.value(of: "power_state", in: ref) == "Running" }
    }
}
