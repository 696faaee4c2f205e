import NIOSSL
import Synchronization
import XOPluginAPI

/// The sockets that are open, kept in step with the configuration.
final class Listeners: Sendable {
    private struct Open {
        let endpoint: ListenAddress.Endpoint
        let listener: Listener
    }

    private let service: Service
    private let open = Mutex<[Open]>([])

    init(service: Service) { self.service = service }

    /// Opens what is new, and closes what is gone. Where address and port stay, the socket stays and serves new
    /// connections with the new certificate. If one address cannot be had, nothing is changed.
    func apply(_ wanted: [ServedEndpoint]) async throws {
        var present = open.withLock { $0 }
        var next: [Open] = []
        var kept: [(listener: Listener, tls: NIOSSLContext?)] = []
        var added: [Open] = []
        for served in wanted {
            let (endpoint, tls) = (served.endpoint, served.tls)
            if let index = present.firstIndex(where: { $0.endpoint == endpoint }) {
                let same = present.remove(at: index)
                kept.append((same.listener, tls))
                next.append(same)
                continue
            }
            do {
                let new = Open(endpoint: endpoint, listener: try await Listener.open(endpoint, tls: tls, for: service))
                added.append(new)
                next.append(new)
            } catch {
                for new in added { await new.listener.close() }
                throw error
            }
        }
        for (listener, tls) in kept { listener.setTLS(tls) }
        open.withLock { $0 = next }
        for gone in present {
            service.log.info("stopped listening", ["url": .string(gone.listener.url(of: gone.endpoint))])
            await gone.listener.close()
        }
        for new in added {
            service.log.info("listening", ["url": .string(new.listener.url(of: new.endpoint))])
        }
        service.transport.announce(next.map { $0.listener.url(of: $0.endpoint) })
    }

    func closeAll() async {
        let all = open.withLock { open in
            defer { open = [] }
            return open
        }
        for one in all { await one.listener.close() }
    }
}
