/// A range of IP addresses in CIDR notation, `10.0.0.0/8`, or a single address.
struct AddressRange: Decodable, Sendable {
    private let base: IPAddress
    private let prefixLength: Int

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = parts.first.flatMap({ IPAddress($0) }) else { throw Self.malformed(text) }
        let bits = base.bytes.count * 8
        guard let length = parts.count == 1 ? bits : Int(parts[1]), (0...bits).contains(length) else {
            throw Self.malformed(text)
        }
        self.base = base
        prefixLength = length
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        let whole = prefixLength / 8
        let rest = prefixLength % 8
        guard address.bytes[..<whole].elementsEqual(base.bytes[..<whole]) else { return false }
        return rest == 0 || (address.bytes[whole] ^ base.bytes[whole]) >> UInt8(8 - rest) == 0
    }

    private static func malformed(_ text: String) -> ConfigurationError {
        ConfigurationError(
            description: "trustedProxies: \"\(text)\" is no address range; write 192.0.2.7, 10.0.0.0/8 or fd00::/8")
    }
}
