import Glibc

/// Whether text is coloured, and how.
struct Colours: Sendable {
    let isOn: Bool

    static let none = Colours(isOn: false)

    /// For the program's own texts: on if standard output is a terminal, which `--color`, `--no-color`, `FORCE_COLOR`,
    /// `NO_COLOR` and `TERM=dumb` change.
    static let ofTexts = Colours(isOn: choice(isTerminal: OutputStream.standard.isTerminal))

    /// For values: on if they go to a terminal, unless colours are unwanted everywhere.
    static func ofValues(on stream: OutputStream) -> Colours {
        Colours(isOn: stream.isTerminal && environment("NO_COLOR")?.isEmpty ?? true)
    }

    func bold(_ text: String) -> String { styled(text, 1, 22) }
    func red(_ text: String) -> String { styled(text, 31, 39) }
    func green(_ text: String) -> String { styled(text, 32, 39) }
    func yellow(_ text: String) -> String { styled(text, 33, 39) }
    func blue(_ text: String) -> String { styled(text, 34, 39) }
    func grey(_ text: String) -> String { styled(text, 90, 39) }

    private func styled(_ text: String, _ start: Int, _ end: Int) -> String {
        isOn ? "\u{1B}[\(start)m\(text)\u{1B}[\(end)m" : text
    }

    private static func choice(isTerminal: Bool) -> Bool {
        if let forced = environment("FORCE_COLOR") { return forced != "0" && forced != "false" }
        let words = CommandLine.arguments.dropFirst().prefix { $0 != "--" }
        if words.contains(where: { ["--no-color", "--no-colors", "--color=false", "--color=never"].contains($0) }) {
            return false
        }
        if words.contains(where: { ["--color", "--colors", "--color=true", "--color=always"].contains($0) }) {
            return true
        }
        return isTerminal && environment("NO_COLOR")?.isEmpty ?? true && environment("TERM") != "dumb"
    }
}

/// A variable of the environment.
func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
