import XOJSON

/// The addresses that a guest reports, under keys such as `0/ip`, `0/ipv4/1` and `1/ipv6/0`: the number of the device,
/// the protocol, and a count.
enum GuestAddresses {
    /// One entry for each address: `<device>/<ipv4 or ipv6>/<n>`, counted from 0 for each device and protocol.
    ///
    /// Agents report the first address twice, as `ip` and as `ipv4/0`, and may put several into one entry.
    static func normalized(_ networks: RawJSON?) -> JSON {
        var found: [String: (order: Int, addresses: [String])] = [:]
        for (key, value) in sorted(networks) {
            guard let family = family(of: key) else { continue }
            for address in (value.string ?? "").split(whereSeparator: \.isWhitespace).map(String.init) {
                var entry = found[family] ?? (found.count, [])
                if !entry.addresses.contains(address) { entry.addresses.append(address) }
                found[family] = entry
            }
        }
        var result: JSONObject = [:]
        for (family, entry) in found.sorted(by: { $0.value.order < $1.value.order }) {
            for (index, address) in entry.addresses.enumerated() { result["\(family)/\(index)"] = .string(address) }
        }
        return .object(result)
    }

    /// The address to show if there is room for one only: the first IPv4 address of any device, else an IPv6 one.
    static func main(_ networks: RawJSON?) -> String? {
        var fallback: String?
        for (key, value) in sorted(networks) {
            let parts = key.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count > 1, isNumber(parts[0]) else { continue }
            let isNumbered = parts.count == 3 && isNumber(parts[2])
            if parts.count == 2 && parts[1] == "ip" || isNumbered && parts[1] == "ipv4" { return value.string }
            if isNumbered, parts[1] == "ipv6", fallback == nil { fallback = value.string }
        }
        return fallback
    }

    private static func sorted(_ networks: RawJSON?) -> [(name: String, value: RawJSON)] {
        (networks?.members ?? []).sorted { $0.name.utf16.lexicographicallyPrecedes($1.name.utf16) }
    }

    private static func family(of key: String) -> String? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, isNumber(parts[0]) else { return nil }
        switch (parts[1], parts.count) {
        case ("ip", 2): return "\(parts[0])/ipv4"
        case ("ipv4", 3), ("ipv6", 3): return "\(parts[0])/\(parts[1])"
        default: return nil
        }
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
