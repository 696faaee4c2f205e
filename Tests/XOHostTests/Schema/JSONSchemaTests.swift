import Testing
import XOJSON

@testable import XOHost

@Suite("JSON Schema")
struct JSONSchemaTests {
    struct Case: CustomTestStringConvertible {
        let schema: JSON
        let value: JSON
        /// `instancePath schemaPath params message` of each violation.
        let violations: [String]

        init(_ schema: JSON, _ value: JSON, _ violations: String...) {
            self.schema = schema
            self.value = value
            self.violations = violations
        }

        var testDescription: String { "\(value) against \(schema)" }
    }

    static let cases: [Case] = [
        Case([:], "anything"),
        Case(true, 1),
        Case(false, 1, " #/false schema {} boolean schema is false"),
        Case(["type": "string"], 1, #" #/type {"type":"string"} must be string"#),
        Case(["type": ["number", "string"]], nil, #" #/type {"type":["number","string"]} must be number,string"#),
        Case(["type": "integer"], 3.0),
        Case(["type": "integer"], 3.5, #" #/type {"type":"integer"} must be integer"#),
        Case(["type": "number"], 3),
        Case(["type": ["null", "boolean"]], nil),
        Case(
            [
                "properties": ["a": ["type": "string"], "b": [:]], "required": ["a", "c"],
                "additionalProperties": false,
            ],
            ["a": 1, "x": 2],
            #" #/required {"missingProperty":"c"} must have required property 'c'"#,
            #" #/additionalProperties {"additionalProperty":"x"} must NOT have additional properties"#,
            #"/a #/properties/a/type {"type":"string"} must be string"#),
        Case(
            ["properties": ["list": ["items": ["properties": ["n": ["type": "number"]]]]]],
            ["list": [["n": 1], ["n": "1"]]],
            #"/list/1/n #/properties/list/items/properties/n/type {"type":"number"} must be number"#),
        Case(
            ["additionalProperties": ["type": "number"]], ["a/b": "x"],
            #"/a~1b #/additionalProperties/type {"type":"number"} must be number"#),
        Case(
            ["properties": ["a b/c": ["type": "null"]]], ["a b/c": 0],
            #"/a b~1c #/properties/a%20b~1c/type {"type":"null"} must be null"#),
        Case(["minLength": 1], "", #" #/minLength {"limit":1} must NOT have fewer than 1 characters"#),
        Case(["minLength": 3], "日本", #" #/minLength {"limit":3} must NOT have fewer than 3 characters"#),
        Case(["maxLength": 2], "日本"),
        Case(["maxLength": 2], "abc", #" #/maxLength {"limit":2} must NOT have more than 2 characters"#),
        Case(["minimum": 0], -1, #" #/minimum {"comparison":">=","limit":0} must be >= 0"#),
        Case(["maximum": 1.5], 2, #" #/maximum {"comparison":"<=","limit":1.5} must be <= 1.5"#),
        Case(["exclusiveMinimum": 0], 0, #" #/exclusiveMinimum {"comparison":">","limit":0} must be > 0"#),
        Case(["exclusiveMaximum": 9], 9, #" #/exclusiveMaximum {"comparison":"<","limit":9} must be < 9"#),
        Case(["minimum": 0], "text"),
        Case(["minItems": 1], [], #" #/minItems {"limit":1} must NOT have fewer than 1 items"#),
        Case(["maxItems": 1], [1, 2], #" #/maxItems {"limit":1} must NOT have more than 1 items"#),
        Case(["pattern": "^[a-z]+$"], "abc"),
        Case(
            ["pattern": "^[a-z]+$"], "abc\n", #" #/pattern {"pattern":"^[a-z]+$"} must match pattern "^[a-z]+$""#),
        Case(["pattern": "[$]\\$"], "a$$b"),
        Case(["pattern": "^\\d$"], "٣", #" #/pattern {"pattern":"^\\d$"} must match pattern "^\d$""#),
        Case(
            ["enum": ["a", 1]], "b",
            #" #/enum {"allowedValues":["a",1]} must be equal to one of the allowed values"#),
        Case(["enum": ["a", 1]], 1.0),
        Case(["const": ["a": 1]], ["a": 1.0]),
        Case(["const": 1], 2, #" #/const {"allowedValue":1} must be equal to constant"#),
        Case(["anyOf": [["type": "string"], ["minimum": 5]]], 7),
        Case(
            ["anyOf": [["type": "string"], ["minimum": 5]]], 3,
            #" #/anyOf/0/type {"type":"string"} must be string"#,
            #" #/anyOf/1/minimum {"comparison":">=","limit":5} must be >= 5"#,
            " #/anyOf {} must match a schema in anyOf"),
        Case(
            ["oneOf": [["minimum": 1], ["minimum": 2]]], 3,
            #" #/oneOf {"passingSchemas":[0,1]} must match exactly one schema in oneOf"#),
        Case(["oneOf": [["minimum": 1], ["minimum": 2]]], 1),
        Case(
            ["allOf": [["minimum": 1], ["maximum": 2]]], 3,
            #" #/allOf/1/maximum {"comparison":"<=","limit":2} must be <= 2"#),
        Case(["unheardOf": 1, "format": "email", "title": "t"], "x"),
    ]

    @Test(arguments: cases)
    func violations(_ test: Case) throws {
        let found = try JSONSchema(test.schema).check(test.value).violations
        #expect(
            found.map { "\($0.instancePath) \($0.schemaPath) \($0.params) \($0.message)" } == test.violations)
    }

    @Test func entriesAreAsAjvWritesThem() throws {
        let violations = try JSONSchema(["properties": ["id": ["type": "string"]]]).check(["id": 1]).violations
        let expected: JSON = [
            [
                "instancePath": "/id", "schemaPath": "#/properties/id/type", "keyword": "type",
                "params": ["type": "string"], "message": "must be string",
            ]
        ]
        #expect(violations.json.description == expected.description)
        #expect(violations.first?.path == [.member("id")])
    }

    @Test func defaultsAreInsertedAtEveryLevel() throws {
        let schema = try JSONSchema([
            "properties": [
                "a": ["default": 1],
                "b": ["default": [:], "properties": ["c": ["default": "x"]]],
                "d": ["items": ["properties": ["e": ["default": true]]]],
            ],
            "required": ["a"],
        ])
        let (completed, violations) = schema.check(["d": [["e": false], [:]]])
        #expect(violations.isEmpty)
        #expect(completed == ["d": [["e": false], ["e": true]], "a": 1, "b": ["c": "x"]])
        #expect(schema.check(["a": 2, "b": ["c": ""]]).completed == nil)
    }

    static let broken: [(JSON, String)] = [
        (
            ["type": "strin"],
            "broken schema at type: unknown type \"strin\", expected one of null, boolean, integer, "
                + "number, string, array, object"
        ),
        (["properties": ["a": ["type": []]]], "broken schema at properties.a.type: no type in the list"),
        (["properties": ["a": 1]], "broken schema at properties.a: found integer, expected an object, true or false"),
        (["properties": []], "broken schema at properties: found array, expected an object"),
        (["required": "a"], "broken schema at required: expected an array of strings"),
        (["minLength": -1], "broken schema at minLength: found -1, expected an integer from 0 to 2147483647"),
        (["minimum": "1"], "broken schema at minimum: found string, expected a number"),
        (["enum": []], "broken schema at enum: expected an array with at least one element"),
        (
            ["anyOf": [["$ref": "#"]]],
            "broken schema at anyOf[0].$ref: the keyword is not supported, express it with another one"
        ),
        (
            ["properties": ["a": ["type": "string", "default": 1]]],
            "broken schema at properties.a.default: 1 breaks this very schema: must be string"
        ),
        (1, "broken schema: found integer, expected an object, true or false"),
    ]

    @Test(arguments: broken)
    func brokenSchemas(_ schema: JSON, _ problem: String) {
        #expect(throws: SchemaProblem.self) { try JSONSchema(schema) }
        do throws(SchemaProblem) {
            _ = try JSONSchema(schema)
        } catch {
            #expect(error.description == problem)
        }
    }

    @Test func badRegularExpressionsAndBottomlessSchemasAreRefused() {
        #expect(throws: SchemaProblem.self) { try JSONSchema(["pattern": "(["]) }
        var schema: JSON = [:]
        for _ in 0..<40 { schema = ["items": schema] }
        #expect(throws: SchemaProblem.self) { try JSONSchema(schema) }
    }
}
