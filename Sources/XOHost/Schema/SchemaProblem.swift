import XOJSON

/// A schema that cannot be used, and the place in it.
struct SchemaProblem: Error, Sendable, Hashable, CustomStringConvertible {
    let path: JSONPath
    let reason: String

    init(_ reason: String, at path: JSONPath) {
        self.path = path
        self.reason = reason
    }

    var description: String {
        path.isEmpty ? "broken schema: \(reason)" : "broken schema at \(path.dotted): \(reason)"
    }
}
