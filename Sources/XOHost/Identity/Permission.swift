/// What a user may do in general, from least to most.
enum Permission: String, Sendable, CaseIterable, Comparable {
    case none, read, write, admin

    static func < (left: Permission, right: Permission) -> Bool { left.level < right.level }

    private var level: Int {
        switch self {
        case .none: 0
        case .read: 1
        case .write: 2
        case .admin: 3
        }
    }
}
