import XOJSON

/// What an entry of an access list grants. The names are those of the network contract.
enum Role: String, Sendable, CaseIterable {
    case viewer, `operator`, admin

    var right: ObjectRight {
        switch self {
        case .viewer: .view
        case .operator: .operate
        case .admin: .administrate
        }
    }

    /// The role as clients see it.
    var publicForm: JSON {
        let name =
            switch self {
            case .viewer: "Viewer"
            case .operator: "Operator"
            case .admin: "Admin"
            }
        return [
            "id": JSON(rawValue), "name": JSON(name), "permissions": .array(right.included.map { JSON($0.rawValue) }),
        ]
    }
}
