/// What is wrong with a filter, in words for whoever wrote it.
struct FilterError: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
