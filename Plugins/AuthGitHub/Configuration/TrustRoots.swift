import Glibc
import NIOSSL
import Synchronization

/// The authorities that may vouch for the server, read again when one of their files has changed.
final class TrustRoots: Sendable {
    private struct State {
        var tls: TLSConfiguration
        var stamps: [Stamp?]
    }

    /// By what a changed file is told.
    private struct Stamp: Equatable {
        let inode: UInt64
        let size: Int
        let seconds: Int
        let nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            inode = UInt64(status.st_ino)
            size = Int(status.st_size)
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        }
    }

    private let sources: [String]
    private let state: Mutex<State>

    /// - Parameter sources: files or PEM texts; empty: the system's authorities.
    /// - Throws: ``ConfigurationError``.
    init(_ sources: [String]) throws {
        self.sources = sources
        let stamps = Self.stamps(sources)
        state = Mutex(State(tls: try Self.read(sources), stamps: stamps))
    }

    /// How connections are to be encrypted. What cannot be read any more leaves the last one in place.
    ///
    /// - Parameter complain: is told what is wrong with a file that has changed.
    func current(complain: (ConfigurationError) -> Void) -> TLSConfiguration {
        let stamps = Self.stamps(sources)
        return state.withLock { state in
            guard stamps != state.stamps else { return state.tls }
            state.stamps = stamps
            do {
                state.tls = try Self.read(sources)
            } catch let error as ConfigurationError {
                complain(error)
            } catch {
                complain(ConfigurationError(description: "\(error)"))
            }
            return state.tls
        }
    }

    private static func isText(_ source: String) -> Bool { source.contains("-----BEGIN") }

    private static func stamps(_ sources: [String]) -> [Stamp?] {
        sources.map { isText($0) ? nil : Stamp($0) }
    }

    private static func read(_ sources: [String]) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        guard !sources.isEmpty else { return tls }
        var certificates: [NIOSSLCertificate] = []
        for source in sources {
            let place = isText(source) ? "a text" : source
            if !isText(source), access(source, R_OK) != 0 {
                throw ConfigurationError(
                    description: "certificateAuthorities: cannot read \(source): \(String(cString: strerror(errno))); "
                        + "give a file that this process may read")
            }
            let found =
                isText(source)
                ? try? NIOSSLCertificate.fromPEMBytes(Array(source.utf8)) : try? NIOSSLCertificate.fromPEMFile(source)
            guard let found, !found.isEmpty else {
                throw ConfigurationError(
                    description: "certificateAuthorities: \(place) holds no certificate in PEM form "
                        + "(\"-----BEGIN CERTIFICATE-----\")")
            }
            certificates += found
        }
        tls.trustRoots = .certificates(certificates)
        return tls
    }
}
