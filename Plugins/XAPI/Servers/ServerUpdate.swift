/// What `server.set` changes; `nil` leaves a setting as it is.
struct ServerUpdate: Sendable {
    /// `.some(nil)` clears.
    var label: String??
    var host: String?
    var username: String?
    var password: String?
    var allowUnauthorized: Bool?
    var readOnly: Bool?
    /// `.some(nil)` clears.
    var httpProxy: String??
    /// The certificate to accept from now on.
    var fingerprint: String?

    /// Whether a setting of the connection is given another value.
    func concernsConnection(of record: ServerRecord, _ secrets: ServerSecrets) -> Bool {
        host.map { $0 != record.host } ?? false
            || username.map { $0 != record.username } ?? false
            || password.map { $0 != secrets.password } ?? false
            || allowUnauthorized.map { $0 != record.allowUnauthorized } ?? false
            || newProxy(secrets).map { $0 != secrets.httpProxy } ?? false || fingerprint != nil
    }

    func apply(to record: inout ServerRecord, _ secrets: inout ServerSecrets) throws {
        if let label { record.label = label }
        if let host { record.host = host }
        if let username { record.username = username }
        if let password { secrets.password = password }
        if let allowUnauthorized {
            record.allowUnauthorized = allowUnauthorized
            // To set it anew is how an administrator accepts a changed certificate.
            record.fingerprints = [:]
        }
        if let fingerprint { try record.pin(fingerprint) }
        if let readOnly { record.readOnly = readOnly }
        if let httpProxy = newProxy(secrets) { secrets.httpProxy = httpProxy }
    }

    /// A client that sends back what it was shown does not mean to change the proxy.
    private func newProxy(_ secrets: ServerSecrets) -> String?? {
        guard let httpProxy, httpProxy == nil || httpProxy != secrets.maskedProxy else { return nil }
        return httpProxy
    }
}
