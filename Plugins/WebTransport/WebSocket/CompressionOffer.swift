/// Negotiation of `permessage-deflate` (RFC 7692).
///
/// Agreed on without context takeover in both directions, so that a connection needs no memory for it between messages.
enum CompressionOffer {
    /// The value for `Sec-WebSocket-Extensions` of the answer, for the first of the client's offers that can be met;
    /// `nil` if there is none.
    static func answer(to offers: [String]) -> String? {
        for offer in offers.lazy.flatMap({ $0.split(separator: ",") }) {
            let parts = offer.split(separator: ";").map(trimmed)
            guard parts.first?.lowercased() == "permessage-deflate" else { continue }
            if let answer = answer(toParameters: parts.dropFirst()) { return answer }
        }
        return nil
    }

    private static func answer(toParameters parameters: some Sequence<Substring>) -> String? {
        var answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        var seen: Set<Substring> = []
        for parameter in parameters {
            let parts = parameter.split(separator: "=", maxSplits: 1).map(trimmed)
            guard let name = parts.first, seen.insert(name).inserted else { return nil }
            let value = parts.count == 2 ? parts[1].filter { $0 != "\"" } : nil
            switch (name, value) {
            case ("server_no_context_takeover", nil), ("client_no_context_takeover", nil):
                break
            case ("client_max_window_bits", let bits) where bits.map(isWindowBits) ?? true:
                break  // A hint; every window can be inflated.
            case ("server_max_window_bits", "15"):
                answer += "; server_max_window_bits=15"
            default:
                return nil  // Also smaller windows: only the full one is offered.
            }
        }
        return answer
    }

    private static func isWindowBits(_ text: String) -> Bool { Int(text).map { (8...15).contains($0) } ?? false }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
