import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// HTTP connections to one server, whose certificate is checked on each of them.
final class ServerLink: Sendable {
    let address: PoolAddress
    private let http: HTTPClient
    private let pin: CertificatePin?
    private let isProxied: Bool
    private let connectTimeout: Duration
    private let eventLoops: any EventLoopGroup
    /// Ten thousand guests make about sixty megabytes; beyond this it is no pool.
    private static let maximumAnswer = 1 << 29

    /// - Parameter pin: `nil` to verify the certificate as usual.
    init(
        _ address: PoolAddress, pin: CertificatePin?, proxy: HTTPClient.Configuration.Proxy?,
        connectTimeout: Duration, eventLoops: any EventLoopGroup
    ) {
        self.address = address
        self.pin = pin
        isProxied = proxy != nil
        self.connectTimeout = connectTimeout
        self.eventLoops = eventLoops
        var tls = TLSConfiguration.makeClientConfiguration()
        if pin != nil { tls.certificateVerification = .none }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, proxy: proxy)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .nanoseconds(connectTimeout.nanoseconds)
        // Attempts are made and spaced by the connection to the pool, which also tells people about them.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let pin, address.isEncrypted {
            // Runs after the handshake, and before the connection is given its first request.
            configuration.http1_1ConnectionDebugInitializer = { channel in
                channel.nioSSL_peerCertificate().flatMapThrowing { certificate in
                    try pin.check(certificate, of: address)
                }.flatMapError { error in
                    channel.close(mode: .all).recover { _ in }.flatMapThrowing { throw error }
                }
            }
        }
        http = HTTPClient(eventLoopGroup: eventLoops, configuration: configuration)
    }

    /// The fingerprint of the server's certificate, once it has been seen and no pin was set.
    var unpinnedFingerprint: String? { pin?.observed }

    /// Sends a body and returns the answer's.
    ///
    /// - Throws: ``PoolProblem``, or `CancellationError`.
    func post(_ body: [UInt8], to path: String, call: String, timeout: Duration) async throws -> ByteBuffer {
        var request = HTTPClientRequest(url: address.url + path)
        request.method = .POST
        request.headers = ["content-type": "application/json", "accept": "application/json", "user-agent": "xo-host"]
        request.body = .bytes(body)
        do {
            return try await withTimeout(timeout) { [request] in
                let response = try await self.http.execute(request, deadline: .distantFuture)
                let body = try await response.body.collect(upTo: Self.maximumAnswer)
                try Task.checkCancellation()
                guard response.status == .ok else {
                    throw PoolProblem.notUnderstood(
                        "\(self.address) answers \(call) with HTTP status \(response.status.code): is it a XenServer?")
                }
                return body
            }
        } catch {
            try Task.checkCancellation()
            let problem = problem(error, call, timeout)
            guard case .untrustedCertificate = problem, !isProxied else { throw problem }
            let found = await CertificateProbe.fingerprint(of: address, within: connectTimeout, on: eventLoops)
            throw PoolProblem.untrustedCertificate(address, found: found)
        }
    }

    /// Ends all connections; what is in flight fails.
    func close() async { try? await http.shutdown() }

    private func problem(_ error: any Error, _ call: String, _ timeout: Duration) -> PoolProblem {
        switch error {
        case let error as PoolProblem: return error
        case is TimedOut: return .timedOut(address, call: call, after: timeout)
        case is NIOTooManyBytesError:
            return .notUnderstood("\(address) answers \(call) with more than \(Self.maximumAnswer) bytes")
        case let error as HTTPClientError where error == .connectTimeout:
            return .unreachable(address, reason: "it does not answer")
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            return .unreachable(address, reason: "it closed the connection in the middle of \(call)")
        case let error as NIOConnectionError:
            // No attempt at all: there was no address to try.
            guard let first = error.connectionErrors.first?.error else {
                return .unreachable(address, reason: "the name of \(target) cannot be resolved")
            }
            return .unreachable(address, reason: (first as? IOError).map(words) ?? "\(first)")
        case let error as IOError: return .unreachable(address, reason: words(for: error))
        default:
            let text = String(describing: error)
            if text.contains("CERTIFICATE_VERIFY_FAILED") || error is NIOSSLExtraError {
                return .untrustedCertificate(address, found: nil)
            }
            return .unreachable(address, reason: text)
        }
    }

    /// What is connected to first.
    private var target: String { isProxied ? "its proxy" : "it" }

    private func words(for error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "\(target) refuses connections"
        case EHOSTUNREACH, ENETUNREACH: "there is no way to \(target) in the network"
        case ECONNRESET, EPIPE: "\(target) has closed the connection"
        default: "\(target) does not answer: \(String(cString: strerror(error.errnoCode)))"
        }
    }
}
