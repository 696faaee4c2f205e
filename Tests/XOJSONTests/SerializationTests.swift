import Testing
import XOJSON

/// Values as text, and where parts of a text stand.
@Suite struct SerializationTests {
    @Test(
        arguments: [
            (JSON.null, "null"), (true, "true"), (-12, "-12"), (1.5, "1.5"), (3.0, "3"), (1e21, "1e+21"),
            (1e-7, "1e-7"),
            (.number(.infinity), "null"), (.number(.nan), "null"), (.integer(.min), "-9223372036854775808"),
            ("a\"\\\n\u{1}é😀", #""a\"\\\n\u0001é😀""#), ([], "[]"), ([:], "{}"), ([1, ["a": nil]], #"[1,{"a":null}]"#),
        ] as [(JSON, String)])
    func aValueIsWritten(_ value: JSON, _ text: String) {
        #expect(String(decoding: value.serialized(), as: UTF8.self) == text)
    }

    @Test func linesAreIndented() {
        let value: JSON = ["a": [1, 2], "b": [], "c": [:]]
        let text = "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": [],\n  \"c\": {}\n}"
        #expect(String(decoding: value.serialized(indentation: 2), as: UTF8.self) == text)
    }

    @Test(
        arguments: [
            (JSONPath(), 1, 1), ([.member("plugins")], 2, 3), ([.member("plugins"), .element(1)], 4, 5),
            ([.member("plugins"), .element(1), .member("b")], 5, 7),
            ([.member("plugins"), .element(0), .member("none")], 3, 5),
            ([.member("none")], 1, 1),
        ] as [(JSONPath, Int, Int)])
    func partsOfATextAreFound(_ path: JSONPath, _ line: Int, _ column: Int) {
        let text = """
            {
              "plugins": [
                { "a": 1 },
                {
                  "b": 2
                }
              ]
            }
            """
        let position = JSON.position(of: path, in: Array(text.utf8))
        #expect(position.line == line)
        #expect(position.column == column)
    }
}
