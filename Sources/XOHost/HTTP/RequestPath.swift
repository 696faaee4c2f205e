/// The path of a request, decoded and safe to compare.
///
/// Refused are malformed escapes, what is not UTF-8, control characters, backslashes, and the segments `.` and `..`,
/// in whatever way they are written: honest clients resolve them before they ask. Repeated slashes count as one.
struct RequestPath: Sendable, Hashable, CustomStringConvertible {
    /// The decoded segments, none of them empty. One may hold a `/` that was written `%2F`.
    var segments: [String]
    /// Whether the path ended in `/`, as the root does.
    let isDirectory: Bool

    /// - Parameter segments: decoded, and of the kind that is not refused.
    init(segments: [String]) {
        self.segments = segments
        isDirectory = segments.isEmpty
    }

    /// - Parameter encoded: as it came, without query.
    /// - Returns: `nil` if the path is refused; the answer to that is status 400.
    init?(_ encoded: String) {
        guard encoded.utf8.first == UInt8(ascii: "/") else { return nil }
        var segments: [String] = []
        for part in encoded.split(separator: "/") {
            guard let segment = PercentEncoding.decode(part), segment != ".", segment != "..",
                segment.unicodeScalars.allSatisfy({ !$0.isControl && $0 != "\\" })
            else { return nil }
            segments.append(segment)
        }
        self.segments = segments
        isDirectory = encoded.utf8.last == UInt8(ascii: "/")
    }

    /// The one spelling of all paths that are equal: decoded, but for `/` and `%` inside a segment.
    var description: String {
        text { segment in
            segment.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }
                ? segment.replacing("%", with: "%25").replacing("/", with: "%2F") : segment
        }
    }

    /// As it stands in a URL.
    var encoded: String { text(of: PercentEncoding.encode) }

    private func text(of segment: (String) -> String) -> String {
        "/" + segments.map(segment).joined(separator: "/") + (isDirectory && !segments.isEmpty ? "/" : "")
    }
}
