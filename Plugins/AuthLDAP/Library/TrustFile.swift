import Glibc
import Synchronization

/// The certificates of authorities in the one file that the library takes.
///
/// They are read again when a file has changed, at the next connection.
final class TrustFile: Sendable {
    /// What can be trusted.
    enum Source: Sendable {
        case file(String)
        /// Certificates in PEM, as they stand in the configuration.
        case text(String)
    }

    /// Where distributions keep the authorities that the system trusts.
    private static let systemFiles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    ]

    private let sources: [Source]
    private let target: String
    /// What the file was made of.
    private let written = Mutex<[String]?>(nil)

    /// - Parameters:
    ///   - sources: none: what the system trusts.
    ///   - folder: where the file is made if there are several.
    init(_ sources: [Source], folder: String) {
        self.sources = sources.isEmpty ? [.file(TrustFile.systemFile)] : sources
        target = "\(folder)/authorities.pem"
    }

    private static var systemFile: String { systemFiles.first { access($0, R_OK) == 0 } ?? systemFiles[0] }

    /// Looks whether all of it can be read, and is something that can be trusted.
    func check() throws(ConfigurationError) {
        for source in sources {
            let (text, name): (String, String)
            switch source {
            case .file(let path):
                guard let content = File.read(path) else {
                    throw ConfigurationError("certificateAuthorities: the file \(path) cannot be read")
                }
                (text, name) = (content, path)
            case .text(let content): (text, name) = (content, "the text")
            }
            guard text.contains("-----BEGIN CERTIFICATE-----") else {
                throw ConfigurationError(
                    "certificateAuthorities: there is no certificate in \(name); expected PEM, which begins with "
                        + "-----BEGIN CERTIFICATE-----")
            }
        }
    }

    /// The file for the library. Blocks for the disk.
    func path() throws(ConfigurationError) -> String {
        if sources.count == 1, case .file(let path) = sources[0] { return path }
        return try written.withLock { written throws(ConfigurationError) in
            var parts: [String] = []
            for source in sources {
                switch source {
                case .text(let text): parts.append(text)
                case .file(let path):
                    guard let text = File.read(path) else {
                        throw ConfigurationError("certificateAuthorities: the file \(path) cannot be read")
                    }
                    parts.append(text)
                }
            }
            if written != parts {
                guard File.write(target, parts.joined(separator: "\n")) else {
                    throw ConfigurationError("the file \(target) cannot be written")
                }
                written = parts
            }
            return target
        }
    }
}

/// Small files.
enum File {
    /// The text of a file; `nil` if it cannot be read or is larger than any that we have a use for.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while content.count < 16 << 20 {
            let count = Glibc.read(descriptor, &part, part.count)
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: content, as: UTF8.self) }
            content += part.prefix(count)
        }
        return nil
    }

    /// Replaces a file as a whole: nobody reads half of it.
    static func write(_ path: String, _ text: String) -> Bool {
        let draft = "\(path).\(getpid()).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let content = Array(text.utf8)
        var written = 0
        while written < content.count {
            let count = content[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            written += count
        }
        close(descriptor)
        return written == content.count && rename(draft, path) == 0
    }
}
