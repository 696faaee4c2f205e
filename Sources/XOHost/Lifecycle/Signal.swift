import Glibc

/// Signals, for people.
enum Signal {
    static func name(_ number: Int32) -> String { strsignal(number).map { String(cString: $0) } ?? "unknown" }
}
