import Crypto

/// Time-based one-time passwords (RFC 6238): six digits, SHA-1, steps of 30 s, as all authenticator apps have them.
enum OneTimePassword {
    static let step: Int64 = 30_000
    /// Steps by which the clocks of the two sides may differ.
    static let tolerance: Int64 = 1
    /// Bytes of a secret, at least; apps make 20 of them.
    static let minimumSecretSize = 10

    /// The time step of which `code` is the password; `nil` if it is none of those around now.
    ///
    /// - Parameters:
    ///   - code: white space in it does not matter.
    ///   - now: milliseconds since 1970.
    ///   - last: no step up to this one is accepted.
    static func matchingStep(_ code: String, secret: [UInt8], now: Int64, after last: Int64) -> Int64? {
        let digits = Array(code.filter { !$0.isWhitespace }.utf8)
        guard digits.count == 6 else { return nil }
        let current = now / step
        var found: Int64?
        // All are compared, so that the time tells nothing.
        for candidate in (current - tolerance)...(current + tolerance) {
            let isRight = TokenSecret.areEqual(digits, password(secret: secret, step: candidate))
            if isRight && candidate > last { found = candidate }
        }
        return found
    }

    /// The six digits of a step (RFC 4226, 5.3).
    static func password(secret: [UInt8], step: Int64) -> [UInt8] {
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let code = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(code[code.count - 1] & 0xF)
        let number = code[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(number % 1_000_000)
        return Array((String(repeating: "0", count: 6 - digits.count) + digits).utf8)
    }

    /// Base32 (RFC 4648, 6), in which apps take secrets; upper or lower case, white space and padding do not matter.
    static func secret(base32 text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (buffer, bits): (UInt32, Int) = (0, 0)
        for character in text.uppercased().unicodeScalars where character != "=" && character != " " {
            let value: UInt32
            switch character {
            case "A"..."Z": value = character.value - 0x41
            case "2"..."7": value = character.value - 0x32 + 26
            default: return nil
            }
            buffer = buffer << 5 | value
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
        }
        return bytes.count >= minimumSecretSize ? bytes : nil
    }
}
