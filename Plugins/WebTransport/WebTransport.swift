import NIO
import NIOSSL
import Synchronization
import XOJSON
import XOPluginAPI

/// Brings clients in over HTTP/1.1 and WebSocket, with or without TLS.
///
/// It knows sockets, framing and limits. What the messages mean, who may do what, and which paths exist is the host's:
/// it hands over each message and each request as they came, and sends the bytes that come back.
final class WebTransport: Plugin {
    static let descriptor = PluginDescriptor(
        id: "web-transport", version: "1.0.0", name: "Web transport",
        description: "HTTP and WebSocket (JSON-RPC at /api/), with or without TLS.",
        provides: ["transport"], configurationSchema: Configuration.schema)

    private struct Run {
        let service: Service
        let listeners: Listeners
    }

    private struct State {
        var settings: Configuration?
        var endpoints: [ServedEndpoint] = []
        var run: Run?
    }

    /// Time for clients to take what is under way when the server stops.
    private static let stopGrace = TimeAmount.seconds(2)

    private let host: Host
    private let answers = HostAnswers()
    private let transport: Transport
    private let metrics: TransportMetrics
    private let state = Mutex(State())

    init(host: Host) throws {
        self.host = host
        metrics = try TransportMetrics(host.metrics)
        transport = try host.transport(answers)
    }

    func configure(_ configuration: Configuration) async throws {
        try checkDistinct(configuration.listen)
        // Certificates are read before anything changes: a bad file rejects the configuration.
        let certificates = TLSContexts(dataDirectory: host.dataDirectory, log: host.log)
        let endpoints = try certificates.load(for: configuration.listen)
        let (run, old) = state.withLock { ($0.run, $0.settings) }
        if let run {
            try await run.listeners.apply(endpoints)
            run.service.settings = configuration
            if configuration.workers != old?.workers {
                host.log.info("the number of workers changes at the next start")
            }
        }
        state.withLock { state in
            state.settings = configuration
            state.endpoints = endpoints
        }
    }

    func start() async throws {
        let (settings, endpoints) = state.withLock { ($0.settings, $0.endpoints) }
        guard let settings else { throw ConfigurationError(description: "start without a configuration") }
        let service = Service(
            transport: transport, answers: answers, metrics: metrics, log: host.log, settings: settings)
        let listeners = Listeners(service: service)
        do {
            try await listeners.apply(endpoints)
        } catch {
            await service.stop(grace: .zero)
            throw error
        }
        state.withLock { $0.run = Run(service: service, listeners: listeners) }
    }

    func stop() async {
        let run = state.withLock { state in
            defer { state.run = nil }
            return state.run
        }
        guard let run else { return }
        await run.listeners.closeAll()
        await run.service.stop(grace: Self.stopGrace)
    }

    private func checkDistinct(_ addresses: [ListenAddress]) throws {
        var seen: Set<ListenAddress.Endpoint> = []
        for endpoint in addresses.map(\.endpoint) where endpoint.port != 0 && !seen.insert(endpoint).inserted {
            throw ConfigurationError(
                description: "listen names \(endpoint) twice; an address and port can be served once, either with TLS "
                    + "or without")
        }
    }
}

@c(xo_plugin_entry)
public func entry(_ query: PluginQuery) -> PluginLibrary? { WebTransport.library(for: query) }
