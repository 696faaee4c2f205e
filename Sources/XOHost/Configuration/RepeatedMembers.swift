import XOJSON

/// Finds members that an object has twice. JSON admits that and takes the last one; in a configuration one of the two
/// is a mistake that nobody would notice.
struct RepeatedMembers {
    private let text: ConfigurationText
    private var problems: [ConfigurationProblem] = []

    /// - Parameter text: valid JSON.
    static func problems(in text: ConfigurationText) -> [ConfigurationProblem] {
        var finder = RepeatedMembers(text: text)
        text.bytes.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            // What is not valid was reported when it was parsed.
            try? finder.visit(&scanner, at: [])
        }
        return finder.problems
    }

    private init(text: ConfigurationText) { self.text = text }

    private mutating func visit(_ scanner: inout JSONScanner, at path: JSONPath) throws(JSONError) {
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            var names: Set<String> = []
            try scanner.forEachMember { (range, scanner) throws(JSONError) in
                let name = try scanner.string(in: range)
                let path = path + [.member(name)]
                if !names.insert(name).inserted {
                    let place = scanner.error("", at: range.lowerBound - 1)
                    problems.append(
                        ConfigurationProblem(
                            file: text.file, line: place.line, column: place.column, key: path.dotted,
                            found: "the key a second time", expected: nil, remedy: "remove one of the two"))
                }
                try visit(&scanner, at: path)
            }
        case UInt8(ascii: "["):
            var index = 0
            try scanner.forEachElement { (scanner) throws(JSONError) in
                try visit(&scanner, at: path + [.element(index)])
                index += 1
            }
        default: _ = try scanner.skipValue()
        }
    }
}
