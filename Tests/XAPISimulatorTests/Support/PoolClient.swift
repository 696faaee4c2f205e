import Testing
import XAPISimulator
import XOJSON

/// A logged-in client that speaks JSON-RPC 2.0, each call on a connection of its own.
struct PoolClient {
    let port: Int
    let session: String

    init(_ pool: SimulatedPool, password: String = "password") async throws {
        port = pool.port
        let result = try await PoolClient.call(
            port, "session.login_with_password", [.string("root"), .string(password)])
        session = try #require(result.string)
    }

    /// - Throws: `XAPIFailure` if the server answers one
    @discardableResult
    func call(_ method: String, _ parameters: JSON...) async throws -> JSON {
        try await PoolClient.call(port, method, [.string(session)] + parameters)
    }

    static func call(
        _ port: Int, _ method: String, _ parameters: [JSON], at host: String = "127.0.0.1"
    ) async throws -> JSON {
        let request: JSON = [
            "jsonrpc": "2.0", "id": 7, "method": .string(method), "params": .array(parameters),
        ]
        let answers = try await HTTPExchange.send(
            [HTTPExchange.post("/jsonrpc", request.description)], port: port, host: host)
        let answer = try JSON(parsing: answers[0].body)
        #expect(answer["id"] == 7)
        if let error = answer["error"] {
            throw XAPIFailure(
                code: error["message"]?.string ?? "", parameters: error["data"]?.array?.compactMap(\.string) ?? [])
        }
        return try #require(answer["result"])
    }

    /// The failure that a call answers.
    func failure(of method: String, _ parameters: JSON...) async throws -> XAPIFailure? {
        do {
            _ = try await PoolClient.call(port, method, [.string(session)] + parameters)
            return nil
        } catch let failure as XAPIFailure {
            return failure
        }
    }

    func records(_ className: String) async throws -> JSONObject {
        try #require(try await call("\(className).get_all_records").object)
    }

    /// A guest in a power state, neither template nor snapshot nor control domain; with an agent, unless told.
    func guest(_ state: String, hasAgent: Bool = true) async throws -> String {
        let labels = ["appliance"]
        let guests = try await records("VM").filter { _, record in
            record["power_state"]?.string == state && record["is_a_template"] == false
                && record["is_control_domain"] == false
                && hasAgent != labels.contains { record["name_label"]?.string?.hasPrefix($0) == true }
        }
        return try #require(guests.keys.first)
    }

    func events(_ classes: [String], since token: JSON = "", timeout: Double = 0) async throws -> Events {
        Events(try await call("event.from", JSON(classes), token, .number(timeout)))
    }

    /// A token that stands for now.
    func now() async throws -> JSON { try await events([]).token }

    /// Waits, by events, until a record satisfies a condition.
    func wait(for className: String, _ reference: String, until isDone: (JSON) -> Bool) async throws -> JSON {
        var token: JSON = ""
        while true {
            let events = try await events(["\(className)/\(reference)"], since: token, timeout: 30)
            for event in events.list {
                if let record = event["snapshot"], isDone(record) { return record }
            }
            token = events.token
        }
    }
}

/// An answer of `event.from`.
struct Events {
    let list: [JSON]
    let token: JSON
    let counts: JSON

    init(_ answer: JSON) {
        list = answer["events"]?.array ?? []
        token = answer["token"] ?? .null
        counts = answer["valid_ref_counts"] ?? .null
    }

    /// `mod vm`, `add task` …
    var summary: Set<String> {
        Set(list.map { "\($0["operation"]?.string ?? "") \($0["class"]?.string ?? "")" })
    }

    func snapshot(of reference: String) -> JSON? {
        list.first { $0["ref"]?.string == reference }?["snapshot"]
    }
}

/// Runs a test against a pool that is stopped afterwards, whatever happens.
func withPool(
    _ configuration: SimulatedPool.Configuration = .init(eventPause: .milliseconds(1)),
    _ body: (SimulatedPool, PoolClient) async throws -> Void
) async throws {
    try await withServer(configuration) { pool in try await body(pool, try await PoolClient(pool)) }
}

func withServer(
    _ configuration: SimulatedPool.Configuration, _ body: (SimulatedPool) async throws -> Void
) async throws {
    let pool = try await SimulatedPool.start(configuration)
    do {
        try await body(pool)
    } catch {
        await pool.stop()
        throw error
    }
    await pool.stop()
}
