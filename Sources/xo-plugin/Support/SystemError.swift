import Glibc

/// Something that this program itself could not do: wrong use, or the system's fault, not the plugin's.
struct SystemError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// - Parameter verb: such as "be opened".
    static func current(_ subject: String, _ verb: String) -> SystemError {
        SystemError("\(subject) cannot \(verb): \(String(cString: strerror(errno)))")
    }
}
