/// The target of a request in the forms that a server that is no proxy must take (RFC 9112, 3.2): `/path?query`, or the
/// same behind `http://host`.
struct RequestTarget {
    let path: String
    let query: String

    init?(_ target: String) {
        var rest = Substring(target)
        if !rest.hasPrefix("/") {
            guard let scheme = rest.firstRange(of: "://"), ["http", "https"].contains(rest[..<scheme.lowerBound]) else {
                return nil
            }
            rest = rest[scheme.upperBound...].drop { $0 != "/" && $0 != "?" }
        }
        guard !rest.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else { return nil }
        rest = rest.prefix { $0 != "#" }
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.flatMap { $0.isEmpty ? nil : String($0) } ?? "/"
        query = parts.count == 2 ? String(parts[1]) : ""
    }
}
