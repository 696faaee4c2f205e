/// Why a change to the users is refused.
enum UserError: Error, Sendable, Hashable, CustomStringConvertible {
    case nameTaken(String)
    case noSuchUser(String)
    case invalidName(String)
    case invalidPassword(String)
    case invalidPreferences(String)
    case unknownPermission(String)
    /// The change would leave nobody who can administer the host.
    case lastAdministrator(String)

    var description: String {
        switch self {
        case .nameTaken(let name): "the user \(name) already exists"
        case .noSuchUser(let name): "no such user \(name)"
        case .invalidName(let reason): "invalid user name: \(reason)"
        case .invalidPassword(let reason): "invalid password: \(reason)"
        case .invalidPreferences(let reason): "invalid preferences: \(reason)"
        case .unknownPermission(let text):
            "unknown permission \(text), expected one of \(Permission.allCases.map(\.rawValue).joined(separator: ", "))"
        case .lastAdministrator(let name):
            "\(name) is the last administrator; give somebody else the permission admin first"
        }
    }
}
