import Glibc
import NIO
import NIOHTTP1
import NIOSSL

/// The connection to a server could not be made, or broke.
public struct ConnectionError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
        /// The name cannot be resolved, or nobody answers at the address.
        case unreachable
        /// The server's certificate is not signed by a known authority, expired, or made for another name.
        case untrustedCertificate
        /// Other trouble with TLS; most often the other side does not speak it.
        case tls
        /// The server answers, but not as this client expects.
        case protocolViolation
        /// The WebSocket was refused with an HTTP status.
        case refused(status: Int)
        /// The server closed the connection, or the connection broke. Code and text are those of the close frame.
        case lost(code: Int?, text: String)
        /// This side closed the connection.
        case closed
    }

    public let address: ServerAddress
    public let reason: Reason
    /// The cause in the words of the layer that met it.
    public let detail: String

    init(_ reason: Reason, at address: ServerAddress, _ detail: String = "") {
        self.reason = reason
        self.address = address
        self.detail = detail
    }

    public var description: String {
        switch reason {
        case .unreachable: "cannot connect to \(address): \(detail)"
        case .untrustedCertificate: "the certificate of \(address) cannot be trusted: \(detail)"
        case .tls: "no encrypted connection with \(address): \(detail)"
        case .protocolViolation: "unexpected data from \(address): \(detail)"
        case .refused(let status): "\(address) refused the WebSocket: \(status) \(detail)"
        case .lost(let code, let text):
            "connection with \(address) lost"
                + (code.map { ": closed by the server with code \($0)" } ?? (detail.isEmpty ? "" : ": \(detail)"))
                + (text.isEmpty ? "" : ", \"\(text)\"")
        case .closed: "the connection with \(address) is closed"
        }
    }
}

// MARK: - From the layers below

extension ConnectionError {
    /// What went wrong while connecting or talking, in this client's terms.
    init(_ error: any Error, at address: ServerAddress) {
        switch error {
        case let error as ConnectionError: self = error
        case let error as NIOConnectionError:
            self.init(.unreachable, at: address, ConnectionError.summary(of: error))
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            self.init(.untrustedCertificate, at: address, "it is made for another host name")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            let text = "\(error)"
            let isDistrust = text.contains("CERTIFICATE_VERIFY_FAILED")
            self.init(
                isDistrust ? .untrustedCertificate : .tls, at: address,
                isDistrust ? "it is self-signed, expired, or signed by an unknown authority" : text)
        case HTTPParserError.invalidEOFState:
            self.init(.lost(code: nil, text: ""), at: address, "the server closed it in the middle of an answer")
        case is HTTPParserError:
            self.init(.protocolViolation, at: address, "this is not HTTP (\(error))")
        case let error as IOError:
            self.init(.lost(code: nil, text: ""), at: address, error.description)
        case ChannelError.eof, ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.inputClosed,
            ChannelError.outputClosed:
            self.init(.lost(code: nil, text: ""), at: address, "the server closed it")
        case let ChannelError.connectTimeout(after):
            self.init(.unreachable, at: address, "no answer within \(after.nanoseconds / 1_000_000_000) s")
        default:
            self.init(.protocolViolation, at: address, "\(error)")
        }
    }

    /// The first failed attempt says enough: with several addresses of one host they nearly always fail alike.
    private static func summary(of error: NIOConnectionError) -> String {
        if let attempt = error.connectionErrors.first {
            switch attempt.error {
            case let error as IOError: return String(cString: strerror(error.errnoCode))
            case let ChannelError.connectTimeout(after):
                return "no answer within \(after.nanoseconds / 1_000_000_000) s"
            default: return "\(attempt.error)"
            }
        }
        return "the name \(error.host) cannot be resolved"
    }
}
