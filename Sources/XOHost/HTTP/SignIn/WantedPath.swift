/// Where somebody wanted to go before signing in: a path of this host, whatever was given.
enum WantedPath {
    /// What is no path of this host becomes `/`: other sites, other schemes, and what some browsers take for such.
    static func sanitized(_ given: String?) -> String {
        guard let given, given.utf8.count <= 2048, given.hasPrefix("/"),
            given.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        let parts = given.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        // Parsed and written anew, so that nothing is left to be read in two ways; `//` would be another host.
        guard let path = RequestPath(String(parts[0])), !path.description.hasPrefix("//"),
            !path.description.hasPrefix("/signin"), !path.description.hasPrefix("/signout")
        else { return "/" }
        return path.encoded + (parts.count > 1 ? "?\(parts[1])" : "")
    }
}
