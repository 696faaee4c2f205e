import Glibc

/// Asks for a password.
enum PasswordPrompt {
    /// Reads a line. On a terminal a `*` is shown for each character.
    ///
    /// - Throws: ``UsageError`` if the input ends before anything was typed.
    static func read() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            OutputStream.standard.write("Password: ")
            return try line { _ in }
        }
        defer { OutputStream.standard.write("\n") }
        return try withoutEcho {
            OutputStream.standard.write("Password: ")
            return try line { OutputStream.standard.write($0) }
        }
    }

    private static let endOfLine: Set<UInt8> = [UInt8(ascii: "\n"), UInt8(ascii: "\r")]
    private static let interrupt: UInt8 = 3
    private static let endOfInput: UInt8 = 4
    private static let eraseLine: UInt8 = 21
    private static let erase: Set<UInt8> = [8, 127]

    private static func line(echo: (String) -> Void) throws -> String {
        var characters: [UInt8] = []
        func eraseOne() {
            // The bytes of one UTF-8 character: the last one that is no continuation, and what follows.
            guard let start = characters.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return }
            characters.removeSubrange(start...)
            echo("\u{8} \u{8}")
        }
        while let byte = nextByte(), !endOfLine.contains(byte) {
            switch byte {
            case endOfInput where characters.isEmpty: throw UsageError("no password was given")
            case endOfInput: break
            case interrupt: throw UsageError("interrupted")
            case eraseLine: while !characters.isEmpty { eraseOne() }
            case _ where erase.contains(byte): eraseOne()
            default:
                characters.append(byte)
                if byte & 0xC0 != 0x80 { echo("*") }
            }
        }
        guard let text = String(validating: characters, as: UTF8.self) else {
            throw UsageError("the password is not UTF-8 text")
        }
        return text
    }

    /// One byte at a time, so that nothing behind the line is taken from another program.
    private static func nextByte() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            return count == 1 ? byte : nil
        }
    }

    /// Runs `body` with a terminal that hands over each key as it is typed; Ctrl-C, too, so that the terminal is
    /// always set back.
    private static func withoutEcho<Result>(_ body: () throws -> Result) throws -> Result {
        var saved = termios()
        tcgetattr(STDIN_FILENO, &saved)
        var quiet = saved
        quiet.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        quiet.c_iflag &= ~tcflag_t(IXON)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &saved) }
        return try body()
    }
}
