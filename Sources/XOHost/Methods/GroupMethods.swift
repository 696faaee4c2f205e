import XOJSON
import XOProtocol

extension HostMethods {
    /// `group.*`: users who have rights in common.
    static func groups(_ services: Services) throws -> [MethodDefinition] {
        let id: JSON = ["type": "string"]
        return [
            try method("group.create", "Creates a group, and returns its id.", .atLeast(.admin), ["name": id]) { call in
                let name = call.parameters["name"]?.string ?? ""
                return call.changingRights {
                    .string(try translatingGroupErrors { try services.groups.create(name: name) })
                }
            },
            try method("group.getAll", "All groups.", .atLeast(.admin)) { call in
                call.background { .array(try services.groups.all().map(\.publicForm)) }
            },
            try method(
                "group.set", "Changes the name of a group.", .atLeast(.admin),
                ["id": id, "name": ["type": "string", "optional": true]]
            ) { call in
                change(call, "rename the group") { id in
                    guard let name = call.parameters["name"]?.string else {
                        if try services.groups.find(id: id) == nil { throw GroupError.noSuchGroup(id) }
                        return
                    }
                    try services.groups.setName(name, of: id)
                }
            },
            try method("group.delete", "Deletes a group and what it may do.", .atLeast(.admin), ["id": id]) { call in
                change(call, "delete the group") { try services.renew(userIDs: try services.groups.delete(id: $0)) }
            },
            try method(
                "group.setUsers", "Makes these users, and nobody else, the members of a group.", .atLeast(.admin),
                ["id": id, "userIds": ["type": "array", "items": ["type": "string"]]]
            ) { call in
                let users = Set(call.parameters["userIds"]?.array?.compactMap(\.string) ?? [])
                return change(call, "set the users of the group") { id in
                    try services.renew(userIDs: try services.groups.setMembers(users, of: id))
                }
            },
            try method(
                "group.addUser", "Makes a user a member of a group.", .atLeast(.admin), ["id": id, "userId": id]
            ) { call in
                let user = call.parameters["userId"]?.string ?? ""
                return change(call, "add a user to the group") { id in
                    try services.groups.add(user, to: id)
                    try services.renew(userID: user)
                }
            },
            try method(
                "group.removeUser", "Ends a user's membership of a group.", .atLeast(.admin), ["id": id, "userId": id]
            ) { call in
                let user = call.parameters["userId"]?.string ?? ""
                return change(call, "remove a user from the group") { id in
                    try services.groups.remove(user, from: id)
                    try services.renew(userID: user)
                }
            },
        ]
    }

    /// - Parameter operation: what is tried, for people who read that it is forbidden.
    private static func change(
        _ call: NativeCall, _ operation: String, _ body: @escaping @Sendable (_ id: String) throws -> Void
    ) -> NativeAnswer {
        let id = call.parameters["id"]?.string ?? ""
        return call.changingRights {
            try translatingGroupErrors(operation) { try body(id) }
            return nil
        }
    }

    private static func translatingGroupErrors<Result>(
        _ operation: String = "", _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as GroupError {
            switch error {
            case .nameTaken: throw MethodError.objectAlreadyExists(objectID: nil, objectType: "group")
            case .invalidName: throw MethodError.invalidParameters("invalid parameters: \(error)")
            case .noSuchGroup(let id): throw MethodError.noSuchObject(id: id, type: "group")
            case .noSuchUser(let id): throw MethodError.noSuchObject(id: id, type: "user")
            case .kept: throw MethodError.forbiddenOperation(operation: operation, reason: "\(error)")
            }
        }
    }
}
