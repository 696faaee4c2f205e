import NIO
import Synchronization
import XAPIPool
import XOJSON
import XOPluginAPI

/// Pools of XenServer and XCP-ng hosts: connects to them, publishes their objects, and carries out what clients ask for.
final class XAPIPlugin: Plugin {
    /// Waiting times, for special cases and for tests.
    struct Configuration: Decodable, Sendable {
        let retryBaseMilliseconds: Int
        let markDisconnectedDelayMilliseconds: Int
        let eventPollMilliseconds: Int
        let connectTimeoutMilliseconds: Int
        let callTimeoutMilliseconds: Int

        var timing: PoolTiming {
            PoolTiming(
                retryBase: .milliseconds(retryBaseMilliseconds),
                markDisconnectedDelay: .milliseconds(markDisconnectedDelayMilliseconds),
                eventPoll: .milliseconds(eventPollMilliseconds), connect: .milliseconds(connectTimeoutMilliseconds),
                call: .milliseconds(callTimeoutMilliseconds))
        }
    }

    static let descriptor = PluginDescriptor(
        id: "xapi", version: "0.1.0", name: "XenServer pools",
        description: "Connects to pools of XenServer and XCP-ng hosts.", provides: ["xapi.servers"],
        configurationSchema: [
            "type": "object",
            "additionalProperties": false,
            "properties": [
                "retryBaseMilliseconds": milliseconds(1_000, "Unit of the growing delays between connection attempts."),
                "markDisconnectedDelayMilliseconds": milliseconds(
                    300_000, "How long the objects of a pool that does not answer are kept."),
                "eventPollMilliseconds": milliseconds(60_000, "How long one poll for events lasts."),
                "connectTimeoutMilliseconds": milliseconds(
                    10_000, "How long a server may take to accept a connection."),
                "callTimeoutMilliseconds": milliseconds(60_000, "How long a server may take to answer a call."),
            ],
        ])

    private static func milliseconds(_ value: Int, _ description: String) -> JSON {
        [
            "type": "integer", "minimum": 1, "maximum": 86_400_000, "default": JSON(value),
            "description": .string(description),
        ]
    }

    private let host: Host
    private let metrics: PoolMetrics
    private let registry: ServerRegistry
    private let eventLoops = Mutex<MultiThreadedEventLoopGroup?>(nil)

    init(host: Host) throws {
        self.host = host
        metrics = try PoolMetrics(host.metrics)
        registry = ServerRegistry(host: host, metrics: metrics)
    }

    var methods: [Method] {
        ServerMethods(registry).all + PowerMethods(registry).all + MachineSettings(registry).all
            + CreationMethod(registry, host.log).all + TagMethods(registry).all + CopyMethods(registry).all
            + DiskMethods(registry, host.log).all
            + DriveMethods(registry).all + InterfaceMethods(registry).all + HostMethods(registry).all
            + StorageMethods(registry).all + NetworkMethods(registry).all + PoolMethods(registry).all
            + ActivityMethods(registry).all + PlacementMethods(registry).all
    }

    /// New waiting times hold for connections made from now on.
    func configure(_ configuration: Configuration) async { await registry.set(configuration.timing) }

    func start() async throws {
        // One thread is plenty: it only moves bytes.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        eventLoops.withLock { $0 = group }
        try await registry.start(on: group)
    }

    func stop() async {
        await registry.stop()
        let group = eventLoops.withLock { group in
            defer { group = nil }
            return group
        }
        try? await group?.shutdownGracefully()
    }
}

@c(xo_plugin_entry)
public func entry(_ query: PluginQuery) -> PluginLibrary? { XAPIPlugin.library(for: query) }
