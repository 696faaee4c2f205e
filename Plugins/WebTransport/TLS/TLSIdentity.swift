import Crypto
import Glibc
import NIOSSL

/// A server's certificate chain and private key.
struct TLSIdentity {
    let certificateFile: String
    let keyFile: String
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// Reads two PEM files, which may be the same one.
    init(certificateFile: String, keyFile: String) throws {
        try Self.checkReadable(certificateFile, "certificateFile")
        try Self.checkReadable(keyFile, "keyFile")
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificateFile)
        } catch {
            throw ConfigurationError(
                description: "tls.certificateFile: \(certificateFile) holds no certificate in PEM form "
                    + "(\"-----BEGIN CERTIFICATE-----\"); a DER file is converted by openssl x509 -inform der")
        }
        do {
            key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
        } catch {
            throw ConfigurationError(
                description: "tls.keyFile: \(keyFile) holds no private key in PEM form without a passphrase; "
                    + "openssl pkey -in FILE -out FILE removes one")
        }
    }

    /// SHA-256 of the server's own certificate, as browsers and `openssl x509 -fingerprint -sha256` show it.
    var fingerprint: String {
        guard let first = chain.first, let bytes = try? first.toDERBytes() else { return "" }
        return SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return byte < 16 ? "0" + digits : digits
        }.joined(separator: ":")
    }

    /// The library's errors do not tell why a file cannot be read; the system does.
    private static func checkReadable(_ path: String, _ setting: String) throws {
        guard access(path, R_OK) != 0 else { return }
        let cause = String(cString: strerror(errno))
        throw ConfigurationError(
            description: "tls.\(setting): cannot read \(path): \(cause); give a file that this process may read")
    }
}
