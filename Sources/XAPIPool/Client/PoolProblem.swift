/// Why a server cannot be talked to. The descriptions are for administrators, and hold no secrets.
public enum PoolProblem: Error, Sendable, Hashable, CustomStringConvertible {
    case badAddress(String)
    case unreachable(PoolAddress, reason: String)
    case timedOut(PoolAddress, call: String, after: Duration)
    /// - Parameter found: the certificate's SHA-256 fingerprint, if it could be seen.
    case untrustedCertificate(PoolAddress, found: String?)
    case changedCertificate(PoolAddress, expected: String, found: String)
    /// It is no XenServer, or one that breaks the protocol.
    case notUnderstood(String)
    case loginRefused(user: String)
    case alreadyConnected(pool: String, connectedServer: String, connectingServer: String)
    case disconnected(String)

    public var description: String {
        switch self {
        case .badAddress(let text):
            "'\(text)' is no address of a server: expected a name or an IP address, with a port if it is not the "
                + "usual one, such as 192.0.2.1, host.example.org:443 or http://[2001:db8::1]"
        case .unreachable(let address, let reason): "\(address) cannot be reached: \(reason)"
        case .timedOut(let address, let call, let limit): "\(address) has not answered \(call) within \(limit)"
        case .untrustedCertificate(let address, let found):
            "the certificate of \(address) cannot be verified"
                + (found.map {
                    "; its SHA-256 fingerprint is \($0), to be compared with what the server's console shows"
                }
                    ?? "")
                + "; install one that this machine trusts, or allow unauthorized certificates for this server, which "
                + "pins the present one"
        case .changedCertificate(let address, let expected, let found):
            "the certificate of \(address) has changed: expected the SHA-256 fingerprint \(expected), found \(found); "
                + "if the change is yours, disable the server, set allowUnauthorized again and enable it"
        case .notUnderstood(let reason): reason
        case .loginRefused(let user): "the server refuses the password of user '\(user)'"
        case .alreadyConnected(let pool, let connected, let connecting):
            "this pool is already connected: pool \(pool), by server \(connected), not by server \(connecting)"
        case .disconnected(let reason): reason
        }
    }
}
