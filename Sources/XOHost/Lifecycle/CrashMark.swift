import CCrashMark
import FoundationEssentials
import Glibc

/// What the host's run before this one has left behind if a plugin ended it: which library, and how.
struct CrashMark: Sendable {
    /// The content hash of the library whose code was running.
    let library: String
    let reason: String

    /// `nil` if the text is not a mark.
    init?(_ text: String) {
        let words = text.split(separator: "\n").first?.split(separator: " ") ?? []
        guard words.count == 2, let signal = Int32(words[0]) else { return nil }
        library = String(words[1])
        reason =
            signal == 0
            ? "it ended the host by calling exit" : "it crashed the host: signal \(signal) (\(Signal.name(signal)))"
    }

    /// Takes the mark of the run before this one, and lets this one leave its own.
    ///
    /// - Parameter path: a file that is this host's alone.
    static func exchange(at path: String) -> CrashMark? {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        if descriptor >= 0 { crash_mark_arm(descriptor) }
        return CrashMark(text)
    }
}
