import Glibc
import XOJSON

/// What a command returns.
enum CommandResult: Sendable {
    case nothing
    /// Printed as it is.
    case text(String)
    /// Printed in Node's form; but an integer is the exit status.
    case value(JSON)

    /// Prints the result.
    ///
    /// - Returns: the exit status.
    func present() -> Int32 {
        switch self {
        case .nothing: break
        case .text(let text), .value(.string(let text)): OutputStream.standard.write(text + "\n")
        case .value(let value):
            if let status = value.integer { return Int32(truncatingIfNeeded: status) }
            if case .number(let number) = value, number == number.rounded() { return 0 }
            let colours = Colours.ofValues(on: .standard)
            OutputStream.standard.write(Inspector.text(of: value, colours: colours) + "\n")
        }
        return EXIT_SUCCESS
    }
}

extension JSON {
    /// As `JSON.stringify(value, null, 2)` writes it.
    var indentedText: String { String(decoding: serialized(indentation: 2), as: UTF8.self) }
}
