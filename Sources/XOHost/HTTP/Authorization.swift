import FoundationEssentials

/// Credentials of an HTTP request.
enum Authorization: Sendable, Hashable {
    /// RFC 7617, in UTF-8.
    case basic(user: String, password: String)
    /// RFC 6750.
    case bearer(token: String)

    /// - Parameter field: the value of the `authorization` field.
    /// - Returns: `nil` for other schemes, and for anything that does not follow the grammar to the letter: who is lenient
    ///   here may read other credentials than a proxy in front did.
    init?(_ field: String) {
        guard let space = field.firstIndex(of: " ") else { return nil }
        let scheme = field[..<space].lowercased()
        let credentials = field[space...].drop { $0 == " " }
        switch scheme {
        case "basic": self.init(basic: credentials)
        case "bearer":
            guard Authorization.isToken68(credentials) else { return nil }
            self = .bearer(token: String(credentials))
        default: return nil
        }
    }

    private init?(basic credentials: Substring) {
        // Encoding again finds what the decoder forgives, such as bits behind the last byte.
        guard let data = Data(base64Encoded: String(credentials)), data.base64EncodedString() == credentials,
            let text = String(validating: data, as: UTF8.self), let colon = text.firstIndex(of: ":"),
            text.unicodeScalars.allSatisfy({ !$0.isControl })
        else { return nil }
        self = .basic(user: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
    }

    /// RFC 9110, 11.2.
    private static func isToken68(_ text: Substring) -> Bool {
        let content = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        return !content.isEmpty && text.utf8.dropFirst(content.count).allSatisfy { $0 == UInt8(ascii: "=") }
            && content.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-._~+/".utf8.contains(byte)
                }
            }
    }
}

/// A password must not get into a log by way of a string interpolation.
extension Authorization: CustomStringConvertible, CustomReflectable {
    var description: String {
        switch self {
        case .basic: "basic credentials"
        case .bearer: "a bearer token"
        }
    }

    var customMirror: Mirror { Mirror(self, children: []) }
}
