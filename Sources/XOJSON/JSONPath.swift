/// A step from a JSON value into one of its parts.
public enum JSONPathStep: Sendable, Hashable, CustomStringConvertible {
    case member(String)
    case element(Int)

    public var description: String {
        switch self {
        case .member(let name): name
        case .element(let index): "[\(index)]"
        }
    }
}

public typealias JSONPath = [JSONPathStep]

extension Collection<JSONPathStep> {
    /// The path as a person would write it: `plugins[2].configuration.port`.
    public var dotted: String {
        reduce(into: "") { text, step in
            if case .member = step, !text.isEmpty { text += "." }
            text += step.description
        }
    }
}

extension JSON {
    /// Where the value at `path` stands in `text`, for error messages: line and column of the member's name, or of the
    /// element. Follows the path as far as it exists, so that a *missing* member is reported at its parent.
    ///
    /// Nothing is recorded while parsing; the text is walked again, because this is needed only when something is wrong.
    public static func position(of path: JSONPath, in text: [UInt8]) -> (line: Int, column: Int) {
        text.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            scanner.skipWhitespace()
            var offset = scanner.position
            for step in path {
                guard let next = locate(step, with: &scanner) else { break }
                offset = next
            }
            return JSONError.position(of: offset, in: bytes)
        }
    }

    /// Moves the scanner to the value that `step` leads to, and tells the offset to report.
    private static func locate(_ step: JSONPathStep, with scanner: inout JSONScanner) -> Int? {
        var found: (report: Int, value: Int)?
        var walker = scanner
        do throws(JSONError) {
            switch step {
            case .member(let wanted):
                try walker.forEachMember { (name, walker) throws(JSONError) in
                    let isWanted = try walker.string(in: name) == wanted
                    walker.skipWhitespace()
                    if isWanted { found = (name.lowerBound - 1, walker.position) }
                    _ = try walker.skipValue()
                }
            case .element(let wanted):
                var index = 0
                try walker.forEachElement { (walker) throws(JSONError) in
                    walker.skipWhitespace()
                    if index == wanted { found = (walker.position, walker.position) }
                    index += 1
                    _ = try walker.skipValue()
                }
            }
        } catch {
            // What was found before the text broke off is still the best answer.
        }
        guard let found else { return nil }
        scanner = JSONScanner(scanner.text, from: found.value)
        return found.report
    }
}

extension JSONScanner {
    init(_ text: UnsafeRawBufferPointer, from position: Int) {
        self.init(text)
        move(to: position)
    }
}
