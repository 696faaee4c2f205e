/// Names as they are counted.
enum TriedName {
    /// Spellings that mean the same account here or in a directory are one: case, compatibility characters, and white space,
    /// of which directories see none at the ends and one for several (RFC 4518, section 2.6.1).
    static func key(of name: String) -> String {
        User.key(of: name).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
