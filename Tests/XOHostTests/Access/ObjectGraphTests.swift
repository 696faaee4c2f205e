import Testing

@testable import XOHost

/// What clients with access lists are told, compared with what the rules say, for objects that come, go and move at
/// random.
@Suite struct ObjectGraphTests {
    /// Who somebody has rights on, and what that one's client knows by what it was told.
    private struct Client {
        let grants: [String: ObjectRight]
        var known: [String: [UInt8]] = [:]
    }

    @Test(arguments: 1...40)
    func clientsKnowExactlyWhatTheyMaySee(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var world: [String: InventoryObject] = [:]
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let object = try ObjectGraphTests.object(&random)
            world[object.id] = object
        }
        var graph = ObjectGraph(ObjectGraphTests.arrivals(world.values), watching: ["x0"])
        // Some are there from the beginning, some come later.
        var clients: [Client] = []
        for round in 0..<60 {
            if round.isMultiple(of: 10) {
                let ids = (0..<Int.random(in: 1...3, using: &random)).map { _ in ObjectGraphTests.id(&random) }
                let grants = Dictionary(ids.map { ($0, ObjectRight.view) }, uniquingKeysWith: { $1 })
                ids.forEach { graph.watch($0) }
                let seen = graph.visible(from: grants.keys)
                clients.append(
                    Client(
                        grants: grants,
                        known: Dictionary(seen.map { ($0.id, $0.record) }, uniquingKeysWith: { $1 })))
            }
            var changes = Inventory.Changes()
            var changed: [String: InventoryObject] = [:]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                if Bool.random(using: &random) || world.isEmpty {
                    let object = try ObjectGraphTests.object(&random)
                    changed[object.id] = object
                    changes.removed.remove(object.id)
                    world[object.id] = object
                } else {
                    let id = Bool.random(using: &random) ? ObjectGraphTests.id(&random) : world.keys.sorted()[0]
                    changed[id] = nil
                    changes.removed.insert(id)
                    world[id] = nil
                }
            }
            changes.changed = ObjectGraphTests.arrivals(changed.values)

            for effect in graph.apply(changes) {
                for index in clients.indices {
                    let couldSee = effect.before.contains { clients[index].grants[$0] != nil }
                    let canSee = effect.after.contains { clients[index].grants[$0] != nil }
                    for item in effect.items {
                        #expect((clients[index].known[item.id] != nil) == couldSee, "round \(round), \(item.id)")
                        if canSee, item.isChanged || !couldSee {
                            clients[index].known[item.id] = try #require(item.object).record
                        } else if !canSee, couldSee {
                            clients[index].known[item.id] = nil
                        }
                    }
                }
            }
            for client in clients {
                let expected = world.filter { ObjectGraphTests.isVisible($0.key, client.grants, world) }
                #expect(client.known == expected.mapValues(\.record), "round \(round), rights on \(client.grants.keys)")
                #expect(Set(graph.visible(from: client.grants.keys).map(\.id)) == Set(expected.keys))
                let asked = graph.visible(world.keys, from: client.grants)
                #expect(Set(asked.map(\.id)) == Set(expected.keys))
                let others: [String: ObjectRight] = ["x1": .view, "x2": .view]
                let difference = graph.visible(from: client.grants, butNotFrom: others).map(\.id)
                #expect(
                    Set(difference) == Set(expected.keys.filter { !ObjectGraphTests.isVisible($0, others, world) }))
                #expect(difference.count == Set(difference).count)
            }
        }
    }

    /// The rule, word by word: a right on the object, or on something that it belongs to and that is there.
    private static func isVisible(
        _ id: String, _ grants: [String: ObjectRight], _ world: [String: InventoryObject], _ passed: Set<String> = []
    ) -> Bool {
        guard let object = world[id], !passed.contains(id) else { return false }
        if grants[id] != nil { return true }
        return ObjectParents(of: object).ids.contains { isVisible($0, grants, world, passed.union([id])) }
    }

    /// Few ids, so that they meet often; links also to what is not there, and in circles.
    private static func object(_ random: inout SplitMix) throws -> InventoryObject {
        let mark = UInt32.random(in: 0...UInt32.max, using: &random)
        let links = (0..<Int.random(in: 0...2, using: &random)).map { _ in "\"\(id(&random))\"" }
        let pool = Bool.random(using: &random) ? "" : id(&random)
        return try InventoryObject.test(
            id(&random), "VDI", pool: pool, "\"mark\":\(mark),\"$VBDs\":[\(links.joined(separator: ","))]")
    }

    private static func id(_ random: inout SplitMix) -> String { "x\(Int.random(in: 0..<12, using: &random))" }

    private static func arrivals(_ objects: some Sequence<InventoryObject>) -> [Inventory.Arrival] {
        objects.sorted { $0.id < $1.id }.enumerated().map { Inventory.Arrival(object: $1, sequence: UInt64($0)) }
    }
}

/// The same numbers for the same seed, on every machine.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
