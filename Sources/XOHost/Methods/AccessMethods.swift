import XOJSON
import XOProtocol

extension HostMethods {
    /// `acl.*` and `role.*`: who may do what with which object.
    static func accessLists(_ services: Services) throws -> [MethodDefinition] {
        // No control characters: an id with them is nobody's, and what cannot be stored is not to be granted.
        let id: JSONObject = [
            "type": "string", "maxLength": JSON(AccessLists.maximumIDLength), "pattern": #"^[^\u0000-\u001f\u007f]+$"#,
        ]
        let entry: JSON = [
            "subject": .object(id.merging(["description": "a user's or a group's id"], uniquingKeysWith: { $1 })),
            "object": .object(id),
            "action": ["type": "string", "description": "a role: viewer, operator or admin"],
        ]
        return [
            try method("role.getAll", "What an entry of an access list can grant.", .signedIn) { _ in
                .result(.array(Role.allCases.map(\.publicForm)))
            },
            try method("acl.get", "All entries of access lists.", .atLeast(.admin)) { call in
                call.background { .array(try services.accessLists.all().map(\.publicForm)) }
            },
            try method(
                "acl.add", "Lets a user or a group do something with an object and what belongs to it.",
                .atLeast(.admin), entry
            ) { call in
                guard let role = call.role else {
                    throw MethodError.invalidParameters(
                        "invalid parameters: the action \(call.parameters["action"] ?? .null) is unknown; expected "
                            + Role.allCases.map(\.rawValue).joined(separator: ", "))
                }
                return call.changingRights {
                    let entry = call.entry(role)
                    guard try services.accessLists.add(entry) else {
                        throw MethodError(
                            code: 1, message: "no such user,group \(entry.subject)",
                            data: ["id": .string(entry.subject), "type": ["user", "group"]])
                    }
                    try services.renew(subject: entry.subject)
                    return nil
                }
            },
            try method("acl.remove", "Takes back what acl.add has granted.", .atLeast(.admin), entry) { call in
                // Nobody has what there is no role for.
                guard let role = call.role else { return .result(nil) }
                return call.changingRights {
                    let entry = call.entry(role)
                    try services.accessLists.remove(entry)
                    try services.renew(subject: entry.subject)
                    return nil
                }
            },
            try method(
                "acl.getCurrentPermissions", "What access lists let the user who is signed in do, by object.", .signedIn
            ) { call in
                let user = try call.signedInUser()
                return call.background {
                    let grants = try services.accessLists.grants(of: user.id)
                    return .object(
                        JSONObject(
                            uniqueKeysWithValues: grants.sorted { $0.key < $1.key }.map { object, right in
                                let included = right.included.map { ($0.rawValue, JSON(1)) }
                                return (object, .object(JSONObject(uniqueKeysWithValues: included)))
                            }))
                }
            },
        ]
    }
}

extension NativeCall {
    fileprivate var role: Role? { parameters["action"]?.string.flatMap(Role.init) }

    fileprivate func entry(_ role: Role) -> AccessEntry {
        AccessEntry(
            subject: parameters["subject"]?.string ?? "", object: parameters["object"]?.string ?? "", role: role)
    }
}
