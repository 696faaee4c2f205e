/// What `xo-host user …` does: changes users in the data directory, whether or not a host is serving from it.
///
/// A running host sees the changes within a second.
public struct UserAdministration {
    private let users: Users
    private let secondFactors: SecondFactors
    private let links: Links

    /// - Throws: ``ConfigurationError``, or an error of the store, each with a description fit for an administrator.
    public init(configurationFile: String) throws {
        let host = try Configuration.load(configurationFile).host
        let store = try Store(try DataDirectory(host.dataDirectory), as: .command)
        users = Users(
            store, passwords: PasswordHash(parameters: host.passwordHash),
            minimumPasswordLength: host.minimumPasswordLength)
        secondFactors = SecondFactors(store)
        links = Links(store)
    }

    /// Creates a user.
    ///
    /// - Parameters:
    ///   - password: `nil`: a random one, which is returned.
    ///   - permission: `none`, `read`, `write` or `admin`.
    public func add(name: String, password: String?, permission: String) throws -> String? {
        guard let permission = Permission(rawValue: permission) else {
            throw UserError.unknownPermission(permission)
        }
        let generated = password == nil ? GeneratedPassword.make() : nil
        try users.create(name: name, password: password ?? generated ?? "", permission: permission)
        return generated
    }

    /// Sets a user's password.
    ///
    /// - Parameter password: `nil`: a random one, which is returned.
    public func setPassword(name: String, password: String?) throws -> String? {
        guard let user = try users.find(name: name) else { throw UserError.noSuchUser(name) }
        let generated = password == nil ? GeneratedPassword.make() : nil
        try users.setPassword(password ?? generated ?? "", of: user.id)
        return generated
    }

    /// Makes sure that the user can come in and administer the host: sets the password and the permission `admin`, and
    /// ends the second factor and all links to providers.
    public func recover(name: String, password: String?) throws -> String? {
        guard let user = try users.find(name: name) else { throw UserError.noSuchUser(name) }
        let generated = try setPassword(name: name, password: password)
        try users.setPermission(.admin, of: user.id)
        try secondFactors.remove(of: user.id)
        try users.setPreferences(["otp": .null], of: user.id)
        for link in try links.ofUser(user.id) { _ = try links.remove(provider: link.provider, ofUser: user.id) }
        return generated
    }

    /// All users, by name.
    public func list() throws -> [(id: String, name: String, permission: String)] {
        try users.all().map { ($0.id, $0.name, $0.permission.rawValue) }
    }
}
