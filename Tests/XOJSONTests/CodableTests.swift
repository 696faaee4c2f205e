import Testing
import XOJSON

/// JSON values and Swift types.
@Suite struct CodableTests {
    struct Machine: Codable, Equatable {
        enum State: String, Codable { case running, halted }
        var name: String
        var memory: UInt64
        var load: Double
        var state: State
        var tags: [String]
        var other: JSON
        var note: String?
        var nested: [String: [Int8]]
    }

    static let value = Machine(
        name: "a", memory: 1 << 40, load: 0.5, state: .halted, tags: ["x"], other: ["k": [nil, 1.5]], note: nil,
        nested: ["n": [-1, 2]])
    static let json: JSON = [
        "name": "a", "memory": 1_099_511_627_776, "load": 0.5, "state": "halted", "tags": ["x"],
        "other": ["k": [nil, 1.5]],
        "nested": ["n": [-1, 2]],
    ]

    @Test func aValueGoesThereAndBack() throws {
        #expect(try JSON(encoding: Self.value) == Self.json)
        #expect(try Self.json.decoded(as: Machine.self) == Self.value)
    }

    @Test(
        arguments: [
            (["name": 1], "name", "expected a string, found integer"),
            (["memory": -1], "memory", "expected an integer from 0 to 18446744073709551615, found integer"),
            (["tags": ["x", 1]], "tags.[1]", "expected a string, found integer"),
            (["nested": ["n": [300]]], "nested.n.[0]", "expected an integer from -128 to 127, found integer"),
        ] as [(JSONObject, String, String)])
    func whatDoesNotFitIsNamed(_ change: JSONObject, _ path: String, _ description: String) throws {
        var members = try #require(Self.json.object)
        members.merge(change) { _, new in new }
        let error = #expect(throws: DecodingError.self) { try JSON.object(members).decoded(as: Machine.self) }
        guard case .typeMismatch(_, let context) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(context.codingPath.map(\.stringValue).joined(separator: ".") == path)
        #expect(context.debugDescription == description)
    }

    @Test func aMissingMemberIsNamed() {
        let error = #expect(throws: DecodingError.self) { try JSON.object([:]).decoded(as: Machine.self) }
        guard case .keyNotFound(let key, _) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(key.stringValue == "name")
    }
}
