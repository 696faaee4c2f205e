/// Where the hosts of a simulated pool listen.
public enum HostAddresses: Sendable, Hashable {
    /// All at the configuration's one address, where the coordinator answers.
    case shared
    /// Each at an address of its own, all at the same port: the first host at this IPv4 address, the others at those
    /// behind it. All of 127.0.0.0/8 can be used without any preparation.
    case each(first: String)

    /// - Throws: ``BadHostAddress``
    func list(_ count: Int, shared: String) throws(BadHostAddress) -> [String] {
        guard case .each(let first) = self else { return Array(repeating: shared, count: count) }
        let parts = first.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        let bytes = parts.compactMap(\.self)
        let start = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard parts.count == 4, bytes.count == 4, !start.addingReportingOverflow(UInt32(count)).overflow else {
            throw BadHostAddress(text: first)
        }
        return (0..<UInt32(count)).map { offset in
            [24, 16, 8, 0].map { String((start + offset) >> $0 & 255) }.joined(separator: ".")
        }
    }
}

/// The first of the hosts' addresses is none.
public struct BadHostAddress: Error, CustomStringConvertible {
    let text: String
    public var description: String { "'\(text)' is no IPv4 address; expected one like 127.0.10.1" }
}

/// An address as it stands in a URL.
func authority(_ address: String, _ port: Int) -> String {
    (address.contains(":") ? "[\(address)]" : address) + ":\(port)"
}
