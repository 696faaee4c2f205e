import CLDAP

/// The LDAP library as a whole.
enum Library {
    /// Before the first use of libldap in the process.
    static func prepare() { _ = isPrepared }

    private static let isPrepared: Bool = {
        xo_ldap_initialize()
        return true
    }()

    static let hasGnuTLS = xo_ldap_has_gnutls() != 0
}
