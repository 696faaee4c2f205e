import FoundationEssentials
import Synchronization
import XAPISimulator
import XOJSON
import XOPluginAPI

/// A simulated pool inside the host, for trying things out without hardware: starts the simulator on the loopback
/// interface and registers it as a server, as an administrator would register a real one.
final class DemoPoolPlugin: Plugin {
    struct Configuration: Decodable, Sendable {
        let hosts: Int
        let virtualMachines: Int
        let seed: UInt64
        let port: Int
    }

    static let descriptor = PluginDescriptor(
        id: "demo-pool", version: "0.1.0", name: "Demo pool",
        description: "Runs a simulated pool and registers it as a server.", needs: ["xapi.servers"],
        configurationSchema: [
            "type": "object",
            "additionalProperties": false,
            "properties": [
                "hosts": ["type": "integer", "minimum": 1, "maximum": 64, "default": 3],
                "virtualMachines": ["type": "integer", "minimum": 0, "maximum": 10_000, "default": 20],
                "seed": [
                    "type": "integer", "minimum": 0, "default": 1,
                    "description": "Pools with the same seed and size are the same in every detail.",
                ],
                "port": [
                    "type": "integer", "minimum": 0, "maximum": 65_535, "default": 0,
                    "description": "On the loopback interface; 0 takes any free one.",
                ],
            ],
        ])

    private let host: Host
    private let state = Mutex<(configuration: Configuration?, pool: SimulatedPool?)>((nil, nil))

    init(host: Host) { self.host = host }

    /// Another size holds from the next start on.
    func configure(_ configuration: Configuration) { state.withLock { $0.configuration = configuration } }

    func start() async throws {
        guard let configuration = state.withLock({ $0.configuration }) else { return }
        // Others on this machine can reach the port, too.
        let password = UUID().uuidString
        let pool = try await SimulatedPool.start(
            SimulatedPool.Configuration(
                hosts: configuration.hosts, virtualMachines: configuration.virtualMachines, seed: configuration.seed,
                port: configuration.port, user: "root", password: password))
        do {
            try await register(address: "http://127.0.0.1:\(pool.port)", password: password)
        } catch {
            await pool.stop()
            throw error
        }
        state.withLock { $0.pool = pool }
    }

    func stop() async {
        let pool = state.withLock { state in
            defer { state.pool = nil }
            return state.pool
        }
        await pool?.stop()
    }

    // MARK: The server's entry

    private static let label = "Demo pool"
    /// Where the entry's id is kept, so that there is one entry however often the port changes.
    private static let key = "server"

    private func register(address: String, password: String) async throws {
        let id: String
        if let earlier = try await findEntry() {
            id = earlier
            do {
                try await call("server.disable", ["id": .string(id)])
            } catch let error as MethodError where error.code == 25 {
                // It is disabled already.
            }
            try await call(
                "server.set",
                ["id": .string(id), "host": .string(address), "username": "root", "password": .string(password)])
            try await call("server.enable", ["id": .string(id)])
        } else {
            let added = try await call(
                "server.add",
                [
                    "label": .string(Self.label), "host": .string(address), "username": "root",
                    "password": .string(password),
                ])
            id = added.string ?? ""
        }
        try await host.store.put(Self.key, .string(id))
        host.log.info("The demo pool is running.", ["address": .string(address), "server": .string(id)])
    }

    /// The entry of an earlier run: by its id, or by what it looks like if that is not known.
    private func findEntry() async throws -> String? {
        let servers = try await call("server.getAll").array ?? []
        if let id = try await host.store.get(Self.key)?.value, servers.contains(where: { $0["id"] == id }) {
            return id.string
        }
        let entry = servers.first { server in
            server["label"]?.string == Self.label && server["host"]?.string?.hasPrefix("http://127.0.0.1:") == true
        }
        return entry?["id"]?.string
    }

    @discardableResult
    private func call(_ method: String, _ parameters: JSON = [:]) async throws -> JSON {
        try await host.calls.call(method, parameters, timeout: .seconds(30))
    }
}

@c(xo_plugin_entry)
public func entry(_ query: PluginQuery) -> PluginLibrary? { DemoPoolPlugin.library(for: query) }
