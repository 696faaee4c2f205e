import XOClient
import XOJSON

/// An error as it is shown: the cross, the text, and what to do about it.
struct Report {
    private let text: String
    private let remedy: String?

    init(_ error: any Error) {
        switch error {
        case let error as RemoteError:
            text = Report.text(of: error)
            remedy = nil
        case let error as SignInRefused:
            text = Report.text(of: error.cause)
            remedy = "The server does not accept the token. Sign in again with `xo-cli register`."
        case let error as ConnectionError:
            text = error.description
            remedy = Report.remedy(for: error)
        case let error as NotRegistered:
            text = error.description + "\n\n" + HelpText.overview(.none)
            remedy = nil
        default:
            text = "\(error)"
            remedy = nil
        }
    }

    func print() {
        let stream = OutputStream.error
        let colours = Colours.ofTexts
        stream.write(colours.bold(colours.red("✖")) + " " + text + "\n")
        if let remedy { stream.write(remedy + "\n") }
    }

    /// As Node shows the error that the original throws.
    private static func text(of error: RemoteError) -> String {
        let members: [(String, JSON?)] = [("code", .integer(error.code)), ("data", error.data)]
        let colours = Colours.ofValues(on: .error)
        return "JsonRpcError: \(error.message) \(Inspector.lines(of: members, colours: colours))"
    }

    private static func remedy(for error: ConnectionError) -> String? {
        switch error.reason {
        case .unreachable:
            "Is the name or address right, the server running, and the port open in the firewalls on the way? "
                + "The address is given to `xo-cli register` or `--url`."
        case .untrustedCertificate:
            "If you know that it is your server, register again with `xo-cli register --allowUnauthorized …` "
                + "(or put `--allowUnauthorized` before `--url`)."
        case .tls:
            "If the server does not use encryption, write its address with `http://`."
        case .protocolViolation, .lost(code: nil, text: ""):
            error.address.isSecure ? nil : "If the server uses encryption, write its address with `https://`."
        case .refused:
            "There is something else than an XO server at this address, or its API is below another path."
        case .lost, .closed: nil
        }
    }
}
