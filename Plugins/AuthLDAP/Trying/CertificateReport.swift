import FoundationEssentials
import SwiftASN1
import X509

/// Why a server's certificate is not taken: libldap tells nobody.
enum CertificateReport {
    /// Connects once more without checking, looks at the certificate, and sends nothing.
    static func ask(_ server: ServerAddress, _ settings: Settings, until deadline: Deadline, interrupt: Int32) -> String
    {
        do {
            let handle = try DirectoryHandle.open(
                server, settings.security, settings.timeouts, until: deadline, interrupt: interrupt, steps: nil,
                checksCertificate: false)
            guard let certificate = handle.peerCertificate else { return "the server shows no certificate" }
            return describe(try Certificate(derEncoded: certificate), for: server.host, now: Date())
        } catch let failure as DirectoryFailure {
            return "without any check it fails, too: \(failure.text)"
        } catch {
            return "the server's certificate cannot be read"
        }
    }

    private static func describe(_ certificate: Certificate, for host: String, now: Date) -> String {
        let subject = Printable.text("\(certificate.subject)")
        let issuer = Printable.text("\(certificate.issuer)")
        if now > certificate.notValidAfter { return "\(subject) has expired on \(certificate.notValidAfter)" }
        if now < certificate.notValidBefore { return "\(subject) is valid from \(certificate.notValidBefore) on" }
        let names = names(certificate)
        guard names.contains(where: { matches($0, host) }) else {
            let listed = Printable.text(names.joined(separator: ", "))
            return "\(subject) is for \(names.isEmpty ? "no host" : listed), not for \(host)"
        }
        return "\(subject) comes from \(issuer), whom certificateAuthorities does not vouch for"
    }

    private static func names(_ certificate: Certificate) -> [String] {
        let alternatives = (try? certificate.extensions.subjectAlternativeNames) ?? nil
        return (alternatives.map(Array.init) ?? []).compactMap { name in
            switch name {
            case .dnsName(let name): name
            case .ipAddress(let address): text(Array(address.bytes))
            default: nil
            }
        }
    }

    private static func text(_ address: [UInt8]) -> String? {
        switch address.count {
        case 4: address.map(String.init).joined(separator: ".")
        case 16:
            stride(from: 0, to: 16, by: 2).map { Hexadecimal.text(of: address[$0..<$0 + 2]) }.joined(separator: ":")
        default: nil
        }
    }

    private static func matches(_ name: String, _ host: String) -> Bool {
        let (name, host) = (name.lowercased(), host.lowercased())
        guard name.hasPrefix("*.") else { return name == host }
        return host.split(separator: ".", maxSplits: 1).last.map { $0 == name.dropFirst(2) } ?? false
    }
}
