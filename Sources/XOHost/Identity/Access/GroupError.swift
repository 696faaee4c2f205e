/// Why a change to the groups is refused.
enum GroupError: Error, Sendable, Hashable, CustomStringConvertible {
    case nameTaken(String)
    case invalidName(String)
    case noSuchGroup(String)
    case noSuchUser(String)
    /// A provider keeps the group; what is changed here it would change back.
    case kept(byProvider: String)

    var description: String {
        switch self {
        case .nameTaken(let name): "the group \(name) already exists"
        case .invalidName(let reason): "invalid group name: \(reason)"
        case .noSuchGroup(let id): "no such group \(id)"
        case .noSuchUser(let id): "no such user \(id)"
        case .kept(let provider): "the group is kept by \(provider); change it there"
        }
    }
}
