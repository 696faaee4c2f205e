import Glibc
import XOPluginAPI

/// `ldap.test` and `ldap.testConnections`, by which an administrator finds out what is wrong.
///
/// Their namespace is the instance's id, so that several directories do not take each other's: an instance `ldap` has
/// the names that clients know.
struct TrialMethods {
    private let namespace: String
    private let directory: @Sendable () throws -> Directory

    init(namespace: String, _ directory: @escaping @Sendable () throws -> Directory) {
        self.namespace = namespace
        self.directory = directory
    }

    var all: [Method] { [test, testConnections] }

    private struct Person: Decodable {
        var username: String?
        var password: String?
    }

    private var test: Method {
        Method(
            "\(namespace).test",
            "Goes the way of a sign-in and tells each step; changes nothing. Without a password the person is only looked up.",
            permission: .admin,
            parameters: [
                "username": .string.optional.described("As it would be typed."), "password": .string.optional,
            ],
            timeout: .seconds(120)
        ) { [directory] (person: Person, call) in
            guard person.password == nil || person.username != nil else {
                throw MethodError.invalidParameters("a password without a username")
            }
            if let name = person.username, !PersonSearch.isPossibleName(name) {
                throw MethodError.invalidParameters(
                    "a username has 1 to 256 bytes and no control characters; no other is ever sent to a directory")
            }
            let password = person.password.map { text in
                var text = text
                return text.withUTF8 { Secret(UnsafeRawBufferPointer($0)) }
            }
            let trial = try await directory().test(name: person.username, password: password)
            var members: JSONObject = [
                "ok": .bool(trial.error == nil), "steps": .array(trial.steps.map(\.json)),
            ]
            members["error"] = trial.error.map(JSON.string)
            members["identity"] = trial.identity
            return JSON.object(members)
        }
    }

    private var testConnections: Method {
        Method(
            "\(namespace).testConnections",
            "Connects to each server, signs in as the service, and looks whether the bases are there.",
            permission: .admin,
            timeout: .seconds(120)
        ) { [directory, namespace] (_: JSON, call) in
            JSON.array(
                try await directory().testConnections().map { trial in
                    var members: JSONObject = [
                        "uri": .string(trial.server), "domain": .string(namespace), "ok": .bool(trial.error == nil),
                        "steps": .array(trial.steps.map(\.json)),
                    ]
                    members["error"] = trial.error.map(JSON.string)
                    return .object(members)
                })
        }
    }
}
