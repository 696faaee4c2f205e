import NIOHTTP1
import XOPluginAPI

/// Who is at the other end, as far as it can be known.
///
/// `X-Forwarded-For` and `X-Forwarded-Proto` are believed only if a trusted proxy sent them. From everybody else they
/// have one effect, and that is for safety: a request on this machine that bears them was made for somebody else, so it
/// has none of the privileges of this machine.
struct ClientIdentity {
    let address: String
    let isSecure: Bool
    let isLoopback: Bool

    init(socket: IPAddress?, isEncrypted: Bool, headers: HTTPHeaders, trustedProxies: [AddressRange]) {
        func isTrusted(_ address: IPAddress) -> Bool { trustedProxies.contains { $0.contains(address) } }

        let isLocal = socket?.isLoopback ?? false
        let isForwarded = headers.contains(name: "x-forwarded-for") || headers.contains(name: "forwarded")
        guard let socket, isTrusted(socket), isForwarded || headers.contains(name: "x-forwarded-proto") else {
            address = socket?.description ?? ""
            isSecure = isEncrypted || (isLocal && !isForwarded)
            isLoopback = isLocal && !isForwarded
            return
        }
        // Each proxy appends the address it was called from: the last one that is no proxy of ours is the client's.
        var client = socket
        for hop in headers[canonicalForm: "x-forwarded-for"].reversed() {
            guard let hop = IPAddress(Self.withoutPort(hop)) else { break }
            client = hop
            guard isTrusted(hop) else { break }
        }
        address = client.description
        isSecure =
            headers[canonicalForm: "x-forwarded-proto"].last.map { ["https", "wss"].contains($0.lowercased()) }
            ?? isEncrypted
        isLoopback = false
    }

    func peer(transport: String) -> Peer {
        Peer(address: address, transport: transport, isSecure: isSecure, isLoopback: isLoopback)
    }

    /// `192.0.2.1:4711` and `[2001:db8::1]:4711` are written by some proxies.
    private static func withoutPort(_ text: Substring) -> Substring {
        if text.first == "[" { return text.dropFirst().prefix { $0 != "]" } }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? parts[0] : text
    }
}
