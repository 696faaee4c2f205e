import FoundationEssentials

/// Base64 without padding (RFC 4648).
enum Base64 {
    /// With `+` and `/`.
    static func standard(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().filter { $0 != "=" }
    }

    /// With `-` and `_`, fit for URLs and file names.
    static func url(_ bytes: [UInt8]) -> String {
        String(
            standard(bytes).map { character in
                switch character {
                case "+": "-"
                case "/": "_"
                default: character
                }
            })
    }
}
