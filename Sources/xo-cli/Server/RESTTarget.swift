import XOClient
import XOJSON

/// The `NAME=VALUE` words of `xo-cli rest`: names may be paths, and `true` and `false` stay text.
struct RESTParameters {
    private(set) var value: JSON = [:]

    init(_ words: some Sequence<String>) throws {
        for word in words {
            let name = word.prefix { $0 != "=" }
            let text = word[name.endIndex...].dropFirst()
            let value = try Parameters.value(text, wordsAreBooleans: false)
            try PropertyPath(String(name)).set(value, in: &self.value)
        }
    }

    /// The parameters as a query's names and values.
    var query: [(name: String, value: String)] {
        (value.object ?? [:]).map { ($0.key, RESTParameters.text(of: $0.value)) }
    }

    /// As ECMAScript turns values into text; objects, of which it says nothing useful, become JSON.
    private static func text(of value: JSON) -> String {
        switch value {
        case .string(let text): text
        case .number(let number): number.ecmaScriptDescription
        case .array(let elements): elements.map { $0.isNull ? "" : text(of: $0) }.joined(separator: ",")
        default: value.description
        }
    }
}

/// A path of the REST API with its query.
struct RESTTarget {
    private static let prefix = "/rest/v0/"

    private let path: String
    private let query: String

    /// - Parameters:
    ///   - text: path with or without the prefix, and perhaps a query.
    ///   - parameters: are added to the query, in place of those that have the same name.
    /// - Throws: ``UsageError`` if `..` leads out of the API.
    init(_ text: String, query parameters: RESTParameters? = nil) throws(UsageError) {
        // URLs take a backslash for a slash: a path that says so must not lead elsewhere either.
        let withoutFragment = text.prefix { $0 != "#" }
        let typedPath = withoutFragment.prefix { $0 != "?" }
        let slashed = typedPath.replacing("\\", with: "/")
        let full = slashed.hasPrefix(RESTTarget.prefix) ? slashed : RESTTarget.prefix + slashed.drop { $0 == "/" }
        let resolved = URLText.encodedPath(URLText.removingDotSegments(full))
        guard resolved.hasPrefix(RESTTarget.prefix) else { throw UsageError("invalid path") }
        path = resolved
        let typedQuery = withoutFragment[typedPath.endIndex...].dropFirst()
        query = RESTTarget.query(typedQuery, adding: parameters?.query ?? [])
    }

    var text: String { query.isEmpty ? path : "\(path)?\(query)" }

    var lastSegment: String {
        path.split(separator: "/").last.map { URLText.percentDecoded($0) } ?? ""
    }

    private static func query(_ typed: Substring, adding parameters: [(name: String, value: String)]) -> String {
        guard !parameters.isEmpty else { return URLText.encodedQuery(typed) }
        var pairs = typed.split(separator: "&").map { pair in
            let name = pair.prefix { $0 != "=" }
            return (name: URLText.formDecoded(name), value: URLText.formDecoded(pair[name.endIndex...].dropFirst()))
        }
        for parameter in parameters {
            let place = pairs.firstIndex { $0.name == parameter.name } ?? pairs.endIndex
            pairs.removeAll { $0.name == parameter.name }
            pairs.insert(parameter, at: place)
        }
        return pairs.map { "\(URLText.formEncoded($0.name))=\(URLText.formEncoded($0.value))" }.joined(separator: "&")
    }

    // MARK: Answers

    /// A path of the API without the prefix, so that it can be typed as an argument.
    static func withoutPrefix(_ text: String) -> String {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    }

    /// The same for a list of paths, and of objects with a path in `href`.
    static func withoutPrefixes(_ answer: JSON) -> JSON {
        guard case .array(let elements) = answer else { return answer }
        return .array(
            elements.map { element in
                switch element {
                case .string(let text): return .string(withoutPrefix(text))
                case .object(var members):
                    if let href = members["href"]?.string { members["href"] = .string(withoutPrefix(href)) }
                    return .object(members)
                default: return element
                }
            })
    }
}
