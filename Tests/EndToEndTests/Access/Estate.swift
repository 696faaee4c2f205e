import TestSupport
import Testing
import XOClient
import XOJSON

/// A host with objects that a test's plugin publishes, an administrator, and people with and without rights.
///
/// Two pools: `p1` with hosts `h1` and `h2`, machines `v1` on `h1` and `v2` on `h2`, of `v1` a snapshot `s1`, a disk `d1`
/// in the storage `r1` with its drive `b1`, an interface `i1` on the network `n1`, a message `m1`; a task `t1` of `h1`.
/// And `p2` with host `h9` and machine `v9`. The disc `c1` in the storage `r2` of `p2` lies in the drives `e1` of `v1` and
/// `e2` of `v2`.
struct Estate {
    let host: TestHost
    let admin: XOClient

    static let records: [JSON] = [
        record("p1", "pool", pool: "p1"), record("p2", "pool", pool: "p2"),
        record("h1", "host"), record("h2", "host"), record("h9", "host", pool: "p2"),
        record("v1", "VM", ["$container": "h1"]), record("v2", "VM", ["$container": "h2"]),
        record("v9", "VM", pool: "p2", ["$container": "h9"]),
        record("s1", "VM-snapshot", ["$snapshot_of": "v1"]),
        record("r1", "SR", ["$container": "p1"]), record("r2", "SR", pool: "p2", ["$container": "p2"]),
        record("d1", "VDI", ["$SR": "r1", "$VBDs": ["b1"]]), record("b1", "VBD", ["VM": "v1", "VDI": "d1"]),
        record("n1", "network"), record("i1", "VIF", ["$VM": "v1", "$network": "n1"]),
        record("m1", "message", ["$object": "v1"]), record("t1", "task", ["$host": "h1"]),
        record("c1", "VDI", pool: "p2", ["$SR": "r2", "$VBDs": ["e1", "e2"]]),
        record("e1", "VBD", ["VM": "v1", "VDI": "c1", "is_cd_drive": true]),
        record("e2", "VBD", ["VM": "v2", "VDI": "c1", "is_cd_drive": true]),
    ]

    /// What belongs to the machine `v1`.
    static let machine: Set<String> = ["v1", "s1", "d1", "b1", "i1", "m1", "c1", "e1"]
    static let everything = Set(records.compactMap { $0["id"]?.string })

    static func record(_ id: String, _ type: String, pool: String = "p1", _ more: JSONObject = [:]) -> JSON {
        var members: JSONObject = ["id": .string(id), "type": .string(type), "$pool": .string(pool)]
        members.merge(more, uniquingKeysWith: { $1 })
        return .object(members)
    }

    // MARK: Changing it

    func put(_ records: [JSON]) async throws {
        try await admin.call("records.put", params: ["records": .array(records)])
    }

    func remove(_ ids: [String]) async throws {
        try await admin.call("records.remove", params: ["ids": .array(ids.map(JSON.string))])
    }

    func grant(_ role: String, on object: String, to subject: String) async throws {
        try await entry("acl.add", role, object, subject)
    }

    func revoke(_ role: String, on object: String, from subject: String) async throws {
        try await entry("acl.remove", role, object, subject)
    }

    private func entry(_ method: String, _ role: String, _ object: String, _ subject: String) async throws {
        let params: JSON = ["subject": .string(subject), "object": .string(object), "action": .string(role)]
        #expect(try await admin.call(method, params: params) == true)
    }

    func makeGroup(_ name: String, _ members: [String] = []) async throws -> String {
        let id = try #require(try await admin.call("group.create", params: ["name": .string(name)]).string)
        try await admin.call(
            "group.setUsers", params: ["id": .string(id), "userIds": .array(members.map(JSON.string))])
        return id
    }
}

/// Starts an ``Estate``.
func withEstate(_ body: (Estate) async throws -> Void) async throws {
    try await withHost([.web(), .fixture("records")]) { host in
        let estate = Estate(host: host, admin: try await host.connect())
        try await estate.put(Estate.records)
        try await body(estate)
    }
}

/// A user, and what the user's client knows of the objects by what it has been told.
final class Person {
    let id: String
    let client: XOClient
    private let estate: Estate
    private var notifications: Notifications.AsyncIterator
    /// As a client would have it: entered and not exited.
    private(set) var known: JSONObject = [:]
    /// Since the last look: ids of objects that entered, and of those that exited.
    private(set) var entered: Set<String> = []
    private(set) var exited: Set<String> = []

    init(_ name: String, in estate: Estate) async throws {
        self.estate = estate
        id = try await estate.host.addUser(name, "secret")
        client = try await estate.host.connect(as: name, "secret")
        notifications = client.notifications.makeAsyncIterator()
        try await estate.grant("viewer", on: "marker-\(id)", to: id)
    }

    /// Lists what there is for this user, in place of what was known.
    @discardableResult
    func list() async throws -> Set<String> {
        try await catchUp()
        known = try await client.objects()
        return visible
    }

    var visible: Set<String> { Set(known.keys) }

    /// Takes all notifications of what has happened up to now.
    func catchUp() async throws {
        (entered, exited) = ([], [])
        // A listing goes through where notifications are made: they are under way when it is answered. What follows them
        // is an object that this user sees, and its end: where several things are told together, what is gone comes last.
        let marker = "marker-\(id)"
        try await settle()
        try await estate.put([Estate.record(marker, "marker", pool: "")])
        while known[marker] == nil { try await takeNotification() }
        try await settle()
        try await estate.remove([marker])
        while known[marker] != nil { try await takeNotification() }
        entered.remove(marker)
        exited.remove(marker)
    }

    private func settle() async throws { _ = try await estate.admin.objects(["type": "none"]) }

    private func takeNotification() async throws {
        let news = try #require(await notifications.next(), "the connection was closed")
        for (id, object) in news.params["items"]?.object ?? [:] {
            if news.params["type"] == "enter" {
                #expect(object["id"]?.string == id)
                known[id] = object
                entered.insert(id)
            } else {
                known[id] = nil
                exited.insert(id)
            }
        }
    }

    /// Which of `look`, `use` and `own` are not refused, by their rights.
    func rights(on object: String) async -> [String] {
        var rights: [String] = []
        for (right, method) in [("view", "look"), ("operate", "use"), ("administrate", "own")] {
            if await error(method, object) == nil { rights.append(right) }
        }
        return rights
    }

    func error(_ method: String, _ object: String) async -> RemoteError? {
        await remoteError { try await client.call("records.\(method)", params: ["id": .string(object)]) }
    }
}
