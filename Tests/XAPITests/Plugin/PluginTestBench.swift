import TestSupport
import XAPISimulator
import XOClient
import XOJSON

/// A host with the plugin, and a simulated pool that it may be told of.
struct PluginTestBench {
    let host: TestHost
    let client: XOClient
    let simulator: SimulatedPool

    /// - Parameter isConnected: whether the pool is registered and connected when `body` begins.
    static func run(
        _ configuration: SimulatedPool.Configuration = .init(virtualMachines: 12, guestAgentDelay: .zero),
        isConnected: Bool = true, _ body: (PluginTestBench) async throws -> Void
    ) async throws {
        let simulator = try await SimulatedPool.start(configuration)
        do {
            try await withHost([.web(), .xapi()]) { host in
                let bench = PluginTestBench(host: host, client: try await host.connect(), simulator: simulator)
                if isConnected { try await bench.connect() }
                try await body(bench)
                await bench.client.close()
            }
        } catch {
            await simulator.stop()
            throw error
        }
        await simulator.stop()
    }

    /// Registers the pool and returns the server's id when it is connected.
    @discardableResult
    func connect(_ more: JSONObject = [:]) async throws -> String {
        let id = try await add((["autoConnect": false] as JSONObject).adding(more))
        _ = try await client.call("server.set", params: ["id": .string(id)])
        try await waitForStatus("connected", of: id)
        return id
    }

    /// Registers the pool with the right password unless `more` says otherwise.
    func add(_ more: JSONObject = [:]) async throws -> String {
        let parameters: JSONObject = [
            "host": .string(simulator.url), "username": "root", "password": "password",
        ]
        let id = try await client.call("server.add", params: .object(parameters.adding(more)))
        return id.string ?? ""
    }

    func server(_ id: String) async throws -> JSON? {
        try await client.call("server.getAll").array?.first { $0["id"]?.string == id }
    }

    @discardableResult
    func waitForStatus(_ status: String, of id: String) async throws -> JSON? {
        try await poll {
            try await server(id)
        } until: {
            $0?["status"]?.string == status
        }
    }

    /// Objects of a type, of all that the host has.
    func objects(ofType type: String) async throws -> [JSON] {
        let objects = try await client.call("xo.getAllObjects", params: ["filter": ["type": .string(type)]])
        return objects.object?.values.elements ?? []
    }

    func object(_ id: String) async throws -> JSON {
        try await client.call("xo.getAllObjects", params: ["filter": ["id": .string(id)]])[id] ?? .null
    }

    /// The id of some VM in this state; with drivers if it runs.
    func machine(_ state: String, withDrivers: Bool = true) async throws -> String {
        let machines = try await objects(ofType: "VM").filter { $0["power_state"]?.string == state }
        let fitting = machines.filter { state != "Running" || ($0["pvDriversDetected"]?.bool ?? false) == withDrivers }
        guard let id = fitting.first?["id"]?.string else { throw NoSuchMachine(state: state) }
        return id
    }

    struct NoSuchMachine: Error {
        let state: String
    }

    /// The error of a call that must fail.
    func failure(of method: String, _ parameters: JSON) async throws -> RemoteError? {
        do {
            _ = try await client.call(method, params: parameters)
            return nil
        } catch let error as RemoteError {
            return error
        }
    }

    /// Waits until an object's property has a value: an answer may come before the change of which it tells.
    func wait(for property: String, of id: String, toBe value: JSON?) async throws {
        _ = try await poll {
            try await object(id)
        } until: {
            $0[property] == value
        }
    }
}

extension JSONObject {
    func adding(_ more: JSONObject) -> JSONObject { merging(more, uniquingKeysWith: { $1 }) }
}
