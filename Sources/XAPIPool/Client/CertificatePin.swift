import Crypto
import NIOSSL
import Synchronization

/// The certificate that a server had when it was first connected, if it need not be one that others vouch for.
final class CertificatePin: Sendable {
    private let expected: String?
    private let first = Mutex<String?>(nil)

    /// - Parameter expected: SHA-256 of the certificate, as ``fingerprint(of:)`` writes it; `nil` takes the first one.
    init(_ expected: String?) { self.expected = expected }

    /// What was taken for lack of an expectation.
    var observed: String? { first.withLock { $0 } }

    func check(_ certificate: NIOSSLCertificate?, of address: PoolAddress) throws {
        guard let certificate else { throw PoolProblem.untrustedCertificate(address, found: nil) }
        let found = try Self.fingerprint(of: certificate)
        let wanted =
            expected
            ?? first.withLock { first in
                first = first ?? found
                return first
            }
        if let wanted, wanted != found {
            throw PoolProblem.changedCertificate(address, expected: wanted, found: found)
        }
    }

    /// As administrators read it from their tools: `AB:CD:…`.
    static func fingerprint(of certificate: NIOSSLCertificate) throws -> String {
        SHA256.hash(data: try certificate.toDERBytes()).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined(separator: ":")
    }
}
