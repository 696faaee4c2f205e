/// How connections are protected.
struct Security: Sendable {
    enum MinimumVersion: String, Sendable, Decodable {
        case tls12 = "1.2"
        case tls13 = "1.3"

        /// What the library is told, by which TLS library is behind it. GnuTLS ignores the option that OpenSSL has for it.
        var gnutlsPriority: String {
            switch self {
            case .tls12: "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
            case .tls13: "NORMAL:-VERS-ALL:+VERS-TLS1.3"
            }
        }

        var number: Int32 {
            switch self {
            case .tls12: 0x0303
            case .tls13: 0x0304
            }
        }

        /// The versions that are good enough, as the library names them.
        var acceptable: [String] {
            switch self {
            case .tls12: ["TLS1.2", "TLS1.3", "TLSv1.2", "TLSv1.3"]
            case .tls13: ["TLS1.3", "TLSv1.3"]
            }
        }
    }

    var startTLS: Bool
    var checksCertificate: Bool
    var authorities: TrustFile
    var minimumVersion: MinimumVersion
    /// Paths of PEM files: what the service proves itself with.
    var clientCertificate: (certificate: String, key: String)?
}
