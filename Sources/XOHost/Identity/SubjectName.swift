import FoundationEssentials

/// What users and groups may be called.
enum SubjectName {
    /// UTF-8 bytes.
    static let maximumSize = 255

    /// What is wrong with a name; `nil` if nothing is.
    static func problem(of name: String) -> String? {
        guard !name.isEmpty else { return "it is empty" }
        guard name.utf8.count <= maximumSize else { return "\(name.utf8.count) bytes, at most \(maximumSize)" }
        guard !name.unicodeScalars.contains(where: isControl), name.first?.isWhitespace == false,
            name.last?.isWhitespace == false
        else { return "control characters, or white space at an end" }
        return nil
    }

    /// The name nearest to one that somebody else has chosen; empty if nothing of it can be kept.
    static func admissible(_ name: String, maximumSize: Int = maximumSize) -> String {
        // Cut first: what comes from outside may have any length.
        let scalars = name.unicodeScalars.prefix(maximumSize).map { isControl($0) ? " " : $0 }
        var result = String(String.UnicodeScalarView(scalars)).trimmed
        while result.utf8.count > maximumSize { result.removeLast() }
        return result.trimmed
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }
}

extension String {
    fileprivate var trimmed: String {
        let rest = drop(while: \.isWhitespace)
        guard let end = rest.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(rest[...end])
    }
}
