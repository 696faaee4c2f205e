import NIO
import Synchronization
import XOPluginAPI

/// Told to every connection when the server stops: finish what is under way, say goodbye, close.
struct ServiceIsStopping: Sendable {}

/// What all connections of one run of the transport share.
final class Service: Sendable {
    let transport: Transport
    let answers: HostAnswers
    let metrics: TransportMetrics
    let log: Log
    let group: MultiThreadedEventLoopGroup
    /// Compresses big answers aside of the event loops.
    let compressor: NIOThreadPool
    let connections: OpenConnections

    private let workers: [ObjectIdentifier: Worker]
    private let current: Mutex<Configuration>

    init(transport: Transport, answers: HostAnswers, metrics: TransportMetrics, log: Log, settings: Configuration) {
        self.transport = transport
        self.answers = answers
        self.metrics = metrics
        self.log = log
        group = MultiThreadedEventLoopGroup(numberOfThreads: settings.workers ?? min(System.coreCount, 4))
        compressor = NIOThreadPool(numberOfThreads: 1)
        compressor.start()
        connections = OpenConnections(metrics: metrics, log: log)
        current = Mutex(settings)
        var workers: [ObjectIdentifier: Worker] = [:]
        for eventLoop in group.makeIterator() {
            workers[ObjectIdentifier(eventLoop)] = Worker(eventLoop: eventLoop)
        }
        self.workers = workers
    }

    /// What holds for new connections. A connection keeps what it began with.
    var settings: Configuration {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    func worker(of eventLoop: any EventLoop) -> Worker? { workers[ObjectIdentifier(eventLoop)] }

    /// Ends all connections, gently for as long as it takes up to `grace`, and then all threads.
    func stop(grace: TimeAmount) async {
        await connections.closeAll(within: grace, on: group.any())
        for worker in workers.values { worker.stop() }
        do {
            try await compressor.shutdownGracefully()
            try await group.shutdownGracefully()
        } catch {
            log.warning("threads did not end cleanly", ["error": .string("\(error)")])
        }
    }
}
