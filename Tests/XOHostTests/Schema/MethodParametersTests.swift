import Testing
import XOJSON

@testable import XOHost

@Suite("Parameters of methods")
struct MethodParametersTests {
    struct Case: CustomTestStringConvertible {
        let declared: JSON?
        let params: JSON?
        /// What the method gets, or the first error.
        let outcome: String

        init(_ declared: JSON?, _ params: JSON?, _ outcome: String) {
            self.declared = declared
            self.params = params
            self.outcome = outcome
        }

        var testDescription: String { "\(params ?? "nothing") for \(declared ?? "undeclared")" }
    }

    static let text: JSON = ["type": "string"]

    static let cases: [Case] = [
        // Not declared, or nothing declared: anything goes.
        Case(nil, nil, "{}"),
        Case(nil, ["a": 1], #"{"a":1}"#),
        Case([:], ["a": 1], #"{"a":1}"#),
        // Required unless optional or with a default; unknown ones refused.
        Case(["a": text], ["a": "x"], #"{"a":"x"}"#),
        Case(["a": text], [:], " must have required property 'a'"),
        Case(["a": text], nil, " must have required property 'a'"),
        Case(["a": ["type": "string", "optional": true]], [:], "{}"),
        Case(["a": ["type": "string", "default": "d"]], [:], #"{"a":"d"}"#),
        Case(["a": [:]], [:], " must have required property 'a'"),
        Case(["a": [:]], ["a": nil], #"{"a":null}"#),
        Case(["a": text], ["a": "x", "b": 1], " must NOT have additional properties"),
        Case(["a": text, "*": ["type": "number"]], ["a": "x", "b": 1], #"{"a":"x","b":1}"#),
        Case(["a": text, "*": ["type": "number"]], ["a": "x", "b": "1"], "/b must be number"),
        // No coercion.
        Case(["a": ["type": "number"]], ["a": "1"], "/a must be number"),
        // Strings are not empty unless something else is said about them.
        Case(["a": text], ["a": ""], "/a must NOT have fewer than 1 characters"),
        Case(["a": ["type": ["string", "null"]]], ["a": ""], "/a must NOT have fewer than 1 characters"),
        Case(["a": ["type": "string", "minLength": 0]], ["a": ""], #"{"a":""}"#),
        Case(["a": ["type": "string", "format": "x"]], ["a": ""], #"{"a":""}"#),
        Case(["a": ["type": "string", "pattern": "^$"]], ["a": ""], #"{"a":""}"#),
        Case(["a": ["type": "string", "enum": ["", "b"]]], ["a": ""], #"{"a":""}"#),
        // At every level.
        Case(["a": ["type": "array", "items": text]], ["a": ["x", ""]], "/a/1 must NOT have fewer than 1 characters"),
        Case(["a": ["type": "object", "properties": ["b": text]]], ["a": [:]], "/a must have required property 'b'"),
        Case(
            ["a": ["type": "object", "properties": ["b": ["type": "string", "optional": true]]]], ["a": ["c": 1]],
            "/a must NOT have additional properties"),
        Case(
            ["a": ["type": "object", "properties": ["b": text], "additionalProperties": true]],
            ["a": ["b": "x", "c": 1]], #"{"a":{"b":"x","c":1}}"#),
        Case(["a": ["type": "object"]], ["a": ["anything": 1]], #"{"a":{"anything":1}}"#),
        Case(
            ["a": ["anyOf": [text, ["type": "number"]]]], ["a": ""], "/a must NOT have fewer than 1 characters"),
        // `id` under the namespace's name.
        Case(["id": text], ["vm": "x"], #"{"id":"x"}"#),
        Case(["id": text], ["vm": 1], " must have required property 'id'"),
        Case(["id": text], ["id": "x", "vm": "y"], " must NOT have additional properties"),
        Case(["id": text, "vm": text], ["vm": "y"], " must have required property 'id'"),
        // `NAME?`.
        Case(["a": text], ["a?": "x"], #"{"a":"x"}"#),
        Case(["a": text], ["a": "x", "b?": 1], #"{"a":"x"}"#),
        Case(["a": text], ["a": "x", "a?": "y"], "conflicting keys: a, a?"),
        // By position.
        Case(["a": text], ["x"], " must have required property 'a'"),
        Case(["a": text], "x", " must be object"),
    ]

    @Test(arguments: cases)
    func preparation(_ test: Case) throws {
        let parameters = try MethodParameters(test.declared, namespace: "vm")
        do throws(InvalidParameters) {
            #expect(try parameters.prepare(test.params).description == test.outcome)
        } catch {
            switch error {
            case .violations(let violations):
                #expect(violations.first.map { "\($0.instancePath) \($0.message)" } == test.outcome)
            case .conflictingKeys:
                #expect(error.description == test.outcome)
            }
        }
    }

    @Test func theDialectIsItsOwn() {
        #expect(throws: SchemaProblem.self) {
            try MethodParameters(["a": ["type": "object", "properties": [:], "required": []]], namespace: "vm")
        }
        #expect(throws: SchemaProblem.self) { try MethodParameters(["a": ["type": "text"]], namespace: "vm") }
        #expect(throws: SchemaProblem.self) { try MethodParameters([], namespace: "vm") }
    }
}
