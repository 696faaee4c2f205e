/// A configuration that cannot be applied: which key, what is wrong, what to do.
struct ConfigurationError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
