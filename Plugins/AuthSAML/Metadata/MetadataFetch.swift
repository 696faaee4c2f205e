import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOPosix
import NIOSSL
import SAMLValidation

/// Fetches metadata from a server: https only, bounded in time and size.
struct MetadataFetch: Sendable {
    let url: String
    private let roots: [NIOSSLCertificate]?

    private static let timeLimit = TimeAmount.seconds(20)
    private static let maximumRedirects = 3

    /// - Parameter certificateAuthorities: PEM; `nil`: those of the system.
    /// - Throws: ``ConfigurationError``.
    init(_ url: String, certificateAuthorities: String?) throws {
        guard Self.isSecure(url) else {
            throw ConfigurationError(
                description: "idp.metadataUrl is \(url.quoted), expected an address that begins with https://")
        }
        self.url = url
        do {
            roots = try certificateAuthorities.map { try NIOSSLCertificate.fromPEMBytes(Array($0.utf8)) }
        } catch {
            throw ConfigurationError(description: "idp.certificateAuthorities are no certificates in PEM: \(error)")
        }
    }

    private static func isSecure(_ url: String) -> Bool {
        URL(string: url).map { $0.scheme?.lowercased() == "https" && $0.host?.isEmpty == false } == true
    }

    /// The document.
    ///
    /// - Throws: what went wrong, in words.
    func callAsFunction() async throws -> [UInt8] {
        var tls = TLSConfiguration.makeClientConfiguration()
        // What it brings is believed: no version of TLS that is broken.
        tls.minimumTLSVersion = .tlsv12
        if let roots { tls.trustRoots = .certificates(roots) }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: .seconds(10)))
        configuration.httpVersion = .http1Only
        // One thread for one request a day: it need not stay.
        let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = HTTPClient(eventLoopGroup: eventLoops, configuration: configuration)
        let result: Result<[UInt8], any Error>
        do { result = .success(try await fetch(with: client)) } catch { result = .failure(error) }
        try? await client.shutdown()
        try? await eventLoops.shutdownGracefully()
        return try result.get()
    }

    private func fetch(with client: HTTPClient) async throws -> [UInt8] {
        var address = url
        let deadline = NIODeadline.now() + Self.timeLimit
        for _ in 0...Self.maximumRedirects {
            var request = HTTPClientRequest(url: address)
            request.headers.add(name: "User-Agent", value: "xo-host")
            request.headers.add(name: "Accept", value: "application/samlmetadata+xml, application/xml, text/xml")
            let response = try await client.execute(request, deadline: deadline)
            switch response.status.code {
            case 200: return Array(try await response.body.collect(upTo: MetadataReader.maximumSize).readableBytesView)
            case 301, 302, 303, 307, 308:
                let location = response.headers.first(name: "Location") ?? ""
                guard let next = URL(string: location, relativeTo: URL(string: address))?.absoluteString,
                    Self.isSecure(next)
                else { throw FetchError(description: "\(address) redirects to \(location.quoted), expected https") }
                address = next
            default: throw FetchError(description: "\(address) answers \(response.status)")
            }
        }
        throw FetchError(description: "\(url) redirects more than \(Self.maximumRedirects) times")
    }

    private struct FetchError: Error, CustomStringConvertible {
        let description: String
    }
}
