import FoundationEssentials

/// Base64 (RFC 4648, §4) as it comes in forms and XML: white space is passed over, everything else must be right.
public enum Base64 {
    /// - Throws: ``Refusal``.
    public static func decode(_ text: String) throws -> [UInt8] {
        let characters = text.utf8.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        // Foundation's decoder takes what follows padding.
        guard let data = Data(base64Encoded: Data(characters)), data.base64EncodedData().elementsEqual(characters)
        else {
            throw Refusal(.encoding, "this is not base64")
        }
        return Array(data)
    }
}
