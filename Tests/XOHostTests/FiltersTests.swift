import Testing
import XOJSON

@testable import XOHost

private let running: JSON = [
    "id": "a1", "type": "VM", "power_state": "Running", "name_label": "web 01 Prod", "name_description": "Größe\nzwei",
    "CPUs": ["number": 4, "max": 8], "memory": ["size": 2_147_483_648], "tags": ["prod", "eu-west"], "notes": "",
    "$VBDs": ["x1", "x2"], "boot": ["order": "cdn"], "attached": true, "shared": false, "affinity": nil, "port": 32,
    "size": "132", "dotted.name": 1, "ratio": 1.5, "half": 0.5, "single": ["7"],
    "disks": [["name": "root", "size": 10], ["name": "data", "size": 20]],
]

struct FilterTextTests {
    @Test(arguments: [
        // Everything, and words in any value.
        ("", true), ("  \t\n ", true), ("web", true), ("PROD", true), ("prod eu", true), ("nowhere", false),
        ("größe", true), ("GRÖSSE", false), ("power_state", false), ("\"01 prod\"", true), ("\"\"", true),
        ("data", true), ("\"a\"\"1\"", true), ("\"unclosed", false), ("\"01 pro", true),
        // Texts are found in parts, so a type is found in longer ones; booleans are no texts.
        ("type:VM", true), ("type:vm power_state:Running", true), ("type:V", true), ("type:host", false),
        ("name_label:\"web 01\"", true), ("name_label:\"web\\ 01\"", true), ("name_label : web", true),
        ("attached:true", false), ("tags:eu-west", true), ("\"name_label\":web", true),
        // Or, and, not.
        ("power_state:|(Running Paused)", true), ("power_state:| (Halted Paused)", false), ("|(nowhere web)", true),
        ("(web prod)", true), ("&(web prod)", true), ("(web nowhere)", false), ("!nowhere", true), ("! web", false),
        ("!!web", true), ("!nowhere web", true), ("!web nowhere", false), ("power_state:!Halted", true),
        ("!type:host", true), ("missing:x", false), ("!missing:x", true), ("missing:!x", true), ("affinity:!x", true),
        ("type:VM|(nowhere web)", true),
        // Truthy.
        ("attached?", true), ("shared?", false), ("!shared?", true), ("notes?", false), ("tags?", true),
        ("affinity?", false), ("missing?", false), ("CPUs:number?", true), ("half?", true),
        // Comparisons, the ECMAScript way.
        ("CPUs:number:>3", true), ("CPUs:number:>4", false), ("CPUs:number:>=4", true), ("CPUs:number:<4", false),
        ("CPUs:number:<=4", true), ("size:>131", true), ("size:<0x10", false), ("memory:size:>1e9", true),
        ("attached:>0", true), ("affinity:<1", true), ("name_label:>0", false), ("name_label:<0", false),
        ("CPUs:>0", false), ("missing:<1", false), ("affinity:x:!y", false), ("single:>6", true), ("tags:>0", false),
        ("ratio:>1.4", true),
        ("tags:length:>1", true), ("type:length:<=2", true), ("notes:<1", true), ("CPUs:number:>-5", true),
        ("CPUs:number:<Infinity", true),
        // Nested properties: one level each; dots are part of the name.
        ("boot:order:cd", true), ("boot:order:x", false), ("$VBDs:0:x1", true), ("$VBDs:00:x1", false),
        ("$VBDs:2:x", false), ("dotted.name:1", true), ("disks:1:name:data", true), ("type:x:y", false),
        // Numbers.
        ("32", true), ("port:32", true), ("size:32", true), ("size:132.0", false), ("port:\"32\"", false),
        ("ratio:1.5", true), ("half:.5", true), ("port:0x20", true), ("CPUs:16", false),
        // Globs.
        ("name_label:w*prod", true), ("name_label:prod*web", false), ("name_label:*", true), ("port:*", false),
        ("w*01*p", true), ("name_description:gr*zwei", false), ("name_description:gr*e", true), ("e*-w*t", true),
        // Regular expressions.
        ("name_label:/^web \\d+/", true), ("name_label:/^WEB/", false), ("name_label:/^WEB/i", true), ("/eu-/", true),
        ("!tags:/^no-/", true), ("name_label:/prod$/i", true), ("name_label:/01$/", false), ("/[[]/", false),
        ("/a\\/b/", false), ("name_label:/web [[0]/", true), ("name_label:/^[\\w ]+$/", true), ("port:/3/", false),
        ("name_description:/e$/", false), ("id:/^a1$/i", true),
        // The sample of everything.
        ("power_state:|(Running Paused) !tags:/^no-/ name_label:web*prod CPUs:number:>=4 \"01\"", true),
    ])
    func matching(text: String, expected: Bool) throws {
        #expect(try ObjectFilter(.string(text)).matches(running) == expected)
    }

    @Test(arguments: [
        (")", 0, "a term at position 0"),
        ("a b )", 4, "a term at position 4"),
        ("(a b", 0, "a term or ')' at position 4"),
        ("()", 0, "a term at position 1"),
        ("a:", 1, "a term at position 2"),
        ("a:b:)", 3, "a term at position 4"),
        ("a | b", 2, "'(' at position 4"),
        ("|", 0, "'(' at position 1"),
        ("!", 0, "a term at position 1"),
        ("a ?", 2, "a term at position 2"),
        ("x /abc", 2, "'/' at position 6"),
        ("size:> 3", 4, "a number, without space before it at position 6"),
        ("a@b", 1, "a term at position 1"),
        ("漢字", 0, "a term at position 0"),
        ("\"😀\" @", 5, "a term at position 5"),
        ("a, b", 1, "a term at position 1"),
    ])
    func syntaxErrors(text: String, position: Int, expectation: String) {
        let error = #expect(throws: FilterError.self) { try ObjectFilter(.string(text)) }
        let description = error?.description ?? ""
        #expect(description.hasPrefix("parse error: expected end of input at position \(position) "))
        #expect(description.contains("(expected \(expectation);"), "\(description)")
    }

    @Test func otherErrors() {
        #expect(throws: FilterError("value must be a number: abc, at position 5")) { try ObjectFilter("a b:>abc") }
        let problem = "invalid regular expression /(/: missing closing parenthesis, at byte 1"
        #expect(throws: FilterError(problem)) { try ObjectFilter("/(/") }
        #expect(throws: FilterError("a filter is an object or a text, not of type integer")) { try ObjectFilter(3) }
    }

    @Test(arguments: ["(", "!", "a:", "|("])
    func depthIsBounded(opening: String) {
        let text = String(repeating: opening, count: 100_000)
        #expect(throws: FilterError.self) { try ObjectFilter(.string(text)) }
    }

    @Test func expressionThatTakesForeverIsGivenUp() throws {
        let filter = try ObjectFilter("/^(a+)+$/")
        #expect(!filter.matches([.string(String(repeating: "a", count: 60) + "b")]))
        #expect(filter.problem?.description == "the regular expression /^(a+)+$/ takes too long; simplify it")
        let harmless = try ObjectFilter("/^a+$/")
        #expect(harmless.matches(["aaa"]))
        #expect(harmless.problem == nil)
    }

    /// No place of the text takes long, but there are many of them.
    @Test func expressionThatTakesLongAltogetherIsGivenUp() throws {
        let filter = try ObjectFilter("/(x+x?y?)+[ab]/")
        _ = filter.matches([.string(String(repeating: "x", count: 400_000))])
        #expect(filter.problem != nil)
        let searched = try ObjectFilter("/é+$/")
        #expect(searched.matches([.string(String(repeating: "é", count: 100_000))]))
        #expect(try !ObjectFilter("/b$/").matches([.string(String(repeating: "é", count: 100_000))]))
        #expect(try ObjectFilter("/(?<=é)b/").matches([.string(String(repeating: "é", count: 100_000) + "b")]))
    }

    @Test(arguments: [
        (#"/^\d+$/"#, "12", true), (#"/^\d+$/"#, "١٢", false), (#"/^\w$/"#, "é", false), (#"/^.$/"#, "é", true),
        (#"/^.$/"#, "\n", false), (#"/a$/"#, "a\n", false), (#"/[]/"#, "]", false), (#"/É/i"#, "é", true),
        (#"/^[^]$/"#, "x", true), (#"/\u0041/"#, "A", true), (#"/^(?:(a)|b)\1$/"#, "b", true),
    ])
    func expressionsAreThoseOfECMAScript(filter: String, text: String, expected: Bool) throws {
        #expect(try ObjectFilter(.string(filter)).matches([.string(text)]) == expected)
    }

    @Test func deepObjects() throws {
        var value: JSON = "needle"
        for level in 0..<120 { value = level.isMultiple(of: 2) ? [value] : ["x": value] }
        #expect(try ObjectFilter("NEEDLE").matches(value))
        #expect(try !ObjectFilter("thread").matches(value))
    }
}

struct FilterPatternTests {
    @Test(arguments: [
        ("{}", true), (#"{"type": "VM"}"#, true), (#"{"type": "vm"}"#, false), (#"{"type": "V"}"#, false),
        (#"{"type": "VM", "power_state": "Running"}"#, true), (#"{"type": "VM", "power_state": "Halted"}"#, false),
        (#"{"CPUs": {"number": 4}}"#, true), (#"{"CPUs": {"number": 4.0}}"#, true),
        (#"{"CPUs": {"number": "4"}}"#, false), (#"{"CPUs": {}}"#, true), (#"{"type": {}}"#, false),
        (#"{"tags": ["eu-west"]}"#, true), (#"{"tags": []}"#, true), (#"{"tags": ["eu-west", "prod", "prod"]}"#, true),
        (#"{"tags": ["eu"]}"#, false), (#"{"type": []}"#, false), (#"{"disks": [{"name": "data"}]}"#, true),
        (#"{"disks": [{"name": "data", "size": 10}]}"#, false), (#"{"affinity": null}"#, true),
        (#"{"missing": null}"#, false), (#"{"attached": true}"#, true), (#"{"attached": 1}"#, false),
        (#"{"__or": [{"type": "host"}, {"type": "VM"}]}"#, true), (#"{"__and": [{"type": "VM"}, {"port": 32}]}"#, true),
        (#"{"__not": {"type": "VM"}}"#, false), (#"{"power_state": {"__or": ["Running", "Paused"]}}"#, true),
        (#"{"type": {"__not": "host"}}"#, true), (#"{"__or": []}"#, false), (#"{"__and": []}"#, true),
        // Operators count as such only when they are alone.
        (#"{"__not": {"type": "host"}, "type": "VM"}"#, false),
    ])
    func matching(pattern: String, expected: Bool) throws {
        #expect(try ObjectFilter(JSON(parsing: pattern)).matches(running) == expected)
    }
}

struct FilterPreselectionTests {
    /// A pattern, or a text in the filter language.
    private func filter(_ text: String) throws -> ObjectFilter {
        try ObjectFilter(text.hasPrefix("{") ? JSON(parsing: text) : .string(text))
    }

    @Test(
        arguments: [
            (#"{"type": "VM"}"#, "VM"), (#"{"type": "VM", "id": "x"}"#, "VM"),
            (#"{"type": {"__or": ["VM"]}}"#, nil), ("{}", nil), ("type:VM", nil),
        ] as [(String, String?)])
    func constantType(text: String, type: String?) throws {
        #expect(try filter(text).type == type)
    }

    @Test(
        arguments: [
            (#"{"type": "VM"}"#, true, false, false), (#"{"type": "VM", "id": "x"}"#, nil, false, false),
            ("{}", true, true, true), (#"{"id": "x"}"#, nil, nil, nil),
            (#"{"type": {"__or": ["VM", "host"]}}"#, true, false, true),
            (#"{"__not": {"type": "VM"}}"#, false, true, true),
            (#"{"__or": [{"type": "VM"}, {"id": "x"}]}"#, true, nil, nil),
            (#"{"__and": [{"type": "VM"}, {"id": "x"}]}"#, nil, false, false),
            // A text finds templates too.
            ("type:VM", true, true, false), ("type:/^VM$/", true, false, false), ("type:VM x", nil, nil, false),
            ("", true, true, true), ("x", nil, nil, nil), ("!type:VM", false, false, true), ("type?", true, true, true),
            ("|(type:host x)", nil, nil, true), ("type:|(VM host) !type:template", true, false, true),
        ] as [(String, Bool?, Bool?, Bool?)])
    func verdict(text: String, vm: Bool?, template: Bool?, host: Bool?) throws {
        let filter = try filter(text)
        #expect(filter.verdict(onType: "VM") == vm)
        #expect(filter.verdict(onType: "VM-template") == template)
        #expect(filter.verdict(onType: "host") == host)
        // What the type decides is what the object would have decided.
        for type in ["VM", "VM-template", "host"] {
            guard let verdict = filter.verdict(onType: type) else { continue }
            #expect(filter.matches(["type": .string(type), "id": "other"]) == verdict)
        }
    }
}
