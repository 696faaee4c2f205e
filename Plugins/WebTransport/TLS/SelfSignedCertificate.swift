import Crypto
import FoundationEssentials
import Glibc
import NIO
import NIOSSL
import SwiftASN1
import X509

/// A certificate of this server's own, for those who have none: made at first use, then kept, so that clients can pin
/// it, and made anew only when it has expired.
struct SelfSignedCertificate {
    private let directory: String
    /// Key and certificate in one file: they are replaced together or not at all.
    private var file: String { directory + "/self-signed.pem" }

    /// Ten years. Nothing shortens the life of a certificate that no authority vouches for, and every change breaks pins.
    private static let lifetime: TimeInterval = 3650 * 86_400

    init(directory: String) { self.directory = directory }

    func identity() throws -> TLSIdentity {
        if !isUsable() { try make() }
        return try TLSIdentity(certificateFile: file, keyFile: file)
    }

    private func isUsable() -> Bool {
        guard let identity = try? TLSIdentity(certificateFile: file, keyFile: file),
            let bytes = try? identity.chain.first?.toDERBytes(), let certificate = try? Certificate(derEncoded: bytes)
        else { return false }
        return certificate.notValidAfter > Date()
    }

    private func make() throws {
        let key = P256.Signing.PrivateKey()
        let now = Date()
        let hostName = ProcessInfo.processInfo.hostName
        let name = try DistinguishedName { CommonName(hostName) }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            // Clocks differ a little.
            notValidBefore: now - 3600, notValidAfter: now + Self.lifetime,
            issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(Self.alternativeNames(hostName))
            },
            issuerPrivateKey: .init(key))
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        let pem = PEMDocument(type: "CERTIFICATE", derBytes: serializer.serializedBytes).pemString
        try write(key.pemRepresentation + "\n" + pem + "\n")
    }

    private static func alternativeNames(_ hostName: String) -> [GeneralName] {
        let names = hostName == "localhost" ? ["localhost"] : [hostName, "localhost"]
        return names.map(GeneralName.dnsName)
            + ["127.0.0.1", "::1"].compactMap { IPAddress($0) }.map {
                .ipAddress(ASN1OctetString(contentBytes: $0.bytes[...]))
            }
    }

    /// Written aside and renamed, so that there is always one whole file, and only its owner can read the key.
    private func write(_ text: String) throws {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw failure("make", directory) }
        let aside = file + ".new"
        unlink(aside)
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make", aside) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw failure("write", aside)
        }
        guard rename(aside, file) == 0 else { throw failure("replace", file) }
    }

    private func failure(_ action: String, _ path: String) -> ConfigurationError {
        ConfigurationError(
            description: "tls.selfSigned: cannot \(action) \(path): \(String(cString: strerror(errno))); the data "
                + "folder must be writable, or give certificateFile and keyFile")
    }
}
