import Glibc

/// Whether an account may be used, by what its entry says. A bind finds that out by itself; who is looked up without one
/// has to be looked at.
enum AccountState {
    /// Attributes that tell it, in the directories that have them.
    static let attributes = [
        "userAccountControl", "accountExpires", "nsAccountLock", "pwdAccountLockedTime", "shadowExpire",
        "loginDisabled", "krbPrincipalExpiration",
    ]

    /// Why the account is closed; `nil` if it is open.
    ///
    /// An account that is locked because somebody has guessed its password is not closed: else strangers could end the
    /// sessions of anybody. Nor is one whose password has expired: the directory asks for a new one at the next sign-in.
    ///
    /// - Parameter now: seconds since 1970.
    static func closed(_ entry: Entry, now: Int64 = Int64(time(nil))) -> String? {
        // MS-ADTS, 2.2.16: ADS_UF_ACCOUNT_DISABLE.
        if let flags = number(entry, "userAccountControl"), flags & 0x2 != 0 { return "the account is disabled" }
        // Hundreds of nanoseconds since 1601 (MS-ADA1, 2.2).
        if let expires = number(entry, "accountExpires"), expires != 0, expires != .max,
            expires / 10_000_000 - 11_644_473_600 <= now
        {
            return "the account has expired"
        }
        // 389 Directory Server, FreeIPA; eDirectory.
        for attribute in ["nsAccountLock", "loginDisabled"]
        where entry.texts(attribute).contains(where: { $0.lowercased() == "true" }) {
            return "the account is inactivated"
        }
        // An administrator has closed it: draft-behera-ldap-password-policy, 5.3.3.
        if entry.texts("pwdAccountLockedTime").contains(where: { $0.hasPrefix("000001010000") }) {
            return "the account is locked by an administrator"
        }
        // Days since 1970; -1 and 0 mean never in practice.
        if let days = number(entry, "shadowExpire"), days > 0, days <= now / 86_400 { return "the account has expired" }
        if let time = entry.texts("krbPrincipalExpiration").first.flatMap(generalizedTime), time <= now {
            return "the account has expired"
        }
        return nil
    }

    private static func number(_ entry: Entry, _ attribute: String) -> Int64? {
        entry.texts(attribute).first.flatMap { Int64($0) }
    }

    /// `20300101120000Z`: RFC 4517, 3.3.13, in the form that directories write.
    private static func generalizedTime(_ text: String) -> Int64? {
        let digits = text.utf8.prefix(14).map { Int32($0) - 0x30 }
        guard digits.count == 14, digits.allSatisfy({ (0...9).contains($0) }), text.hasSuffix("Z") else { return nil }
        func number(_ range: Range<Int>) -> Int32 { digits[range].reduce(0) { $0 * 10 + $1 } }
        var time = tm()
        time.tm_year = number(0..<4) - 1900
        time.tm_mon = number(4..<6) - 1
        time.tm_mday = number(6..<8)
        time.tm_hour = number(8..<10)
        time.tm_min = number(10..<12)
        time.tm_sec = number(12..<14)
        return Int64(timegm(&time))
    }
}
