/// The first administrator.
enum Bootstrap {
    static let defaultName = "admin@admin.net"

    struct Administrator: Sendable {
        let user: User
        /// To be shown once, to the one who started the host; `nil` if that one has chosen it.
        let generatedPassword: String?
    }

    /// Makes an administrator if there is no user at all; returns `nil` otherwise.
    ///
    /// - Parameter environment: `XO_ADMIN_USER` and `XO_ADMIN_PASSWORD` choose name and password. Without the first it is
    ///   ``defaultName``, without the second a random password.
    static func run(_ users: Users, environment: [String: String]) throws -> Administrator? {
        guard try users.count() == 0 else { return nil }
        let name = environment["XO_ADMIN_USER"] ?? defaultName
        let chosen = environment["XO_ADMIN_PASSWORD"]
        let password = chosen ?? GeneratedPassword.make()
        let user = try users.create(name: name, password: password, permission: .admin, onlyFirst: true)
        return user.map { Administrator(user: $0, generatedPassword: chosen == nil ? password : nil) }
    }
}
