import CLDAP

/// The name of an entry (RFC 4514) in a form that is the same however a server or an administrator spells it.
///
/// Types of attributes are compared without case, values as `caseIgnoreMatch` does it, which is the rule of what entries
/// are commonly named by. The schema, which knows better, is the directory's.
struct DistinguishedName: Hashable, Sendable, CustomStringConvertible {
    /// Normalised, as RFC 4514 writes it.
    let description: String

    /// `nil` if the text is no name, or is empty.
    init?(_ text: String) {
        var name: LDAPDN?
        guard ldap_str2dn(text, &name, UInt32(LDAP_DN_FORMAT_LDAPV3)) == LDAP_SUCCESS, let name else { return nil }
        defer { ldap_dnfree(name) }
        var parts: [String] = []
        var place = name
        while let relative = place.pointee {
            parts.append(DistinguishedName.normalize(relative))
            place += 1
        }
        description = parts.joined(separator: ",")
    }

    private static func normalize(_ relative: LDAPRDN) -> String {
        var pairs: [String] = []
        var place = relative
        while let pair = place.pointee {
            let type = String(decoding: bytes(pair.pointee.la_attr), as: UTF8.self).lowercased()
            let value = bytes(pair.pointee.la_value)
            let isBinary = pair.pointee.la_flags & UInt32(LDAP_AVA_BINARY) != 0
            let text = isBinary ? nil : String(validating: value, as: UTF8.self)
            pairs.append("\(shortNames[type] ?? type)=\(text.map(normalize) ?? "#" + Hexadecimal.text(of: value))")
            place += 1
        }
        return pairs.sorted().joined(separator: "+")
    }

    private static func normalize(_ value: String) -> String {
        escape(value.lowercased().split(separator: " ", omittingEmptySubsequences: true).joined(separator: " "))
    }

    /// A value as it may stand in a name: RFC 4514, section 2.4.
    static func escape(_ value: String) -> String {
        var text = ""
        for (index, scalar) in value.unicodeScalars.enumerated() {
            switch scalar {
            case ",", "+", "\"", "\\", "<", ">", ";", "=": text += "\\\(scalar)"
            case "#" where index == 0: text += "\\#"
            case " " where index == 0 || index == value.unicodeScalars.count - 1: text += "\\ "
            case "\0": text += "\\00"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// RFC 4514, section 3.
    private static let shortNames = [
        "2.5.4.3": "cn", "2.5.4.7": "l", "2.5.4.8": "st", "2.5.4.10": "o", "2.5.4.11": "ou", "2.5.4.6": "c",
        "2.5.4.9": "street", "0.9.2342.19200300.100.1.25": "dc", "0.9.2342.19200300.100.1.1": "uid",
    ]
}
