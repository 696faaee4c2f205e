import Testing
import XOJSON

/// What is JSON, and what is not, by RFC 8259.
@Suite struct ParsingTests {
    @Test(
        arguments: [
            ("null", JSON.null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("12", 12),
            ("-9007199254740991", -9_007_199_254_740_991),
            ("9223372036854775807", 9_223_372_036_854_775_807), ("1.5", 1.5), ("1e3", 1000.0), ("-2.5E-1", -0.25),
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t"), (#""\u00e9\u20AC""#, "é€"),
            (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"), (#""é😀""#, "é😀"),
            ("[]", []), ("[1,[2],{}]", [1, [2], [:]]), ("{}", [:]),
            (#"{"a":1,"b":{"c":[null]}}"#, ["a": 1, "b": ["c": [nil]]]),
            ("\t{\r\n \"a\" :\n1 } ", ["a": 1]),
        ] as [(String, JSON)])
    func aTextIsRead(_ text: String, _ value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(arguments: [
        ("", 1, 1), (" ", 1, 2), ("nul", 1, 1), ("True", 1, 1), ("01", 1, 2), ("-", 1, 2), ("1.", 1, 3), (".5", 1, 1),
        ("1e", 1, 3), ("+1", 1, 1), ("1e999", 1, 1), ("NaN", 1, 1), ("'a'", 1, 1), (#""a"#, 1, 1), ("\"a\nb\"", 1, 3),
        (#""\x""#, 1, 2), (#""\u12""#, 1, 4), (#""\u12g4""#, 1, 6), ("[1,]", 1, 4), ("[1 2]", 1, 4), ("[", 1, 2),
        ("{\"a\"}", 1, 5),
        ("{\"a\":}", 1, 6), ("{\"a\":1,}", 1, 8), ("{a:1}", 1, 2), ("{\n \"a\": 1\n \"b\": 2}", 3, 2), ("1 2", 1, 3),
        ("{}x", 1, 3),
    ])
    func aTextThatIsNoneIsRefusedWithItsPlace(_ text: String, _ line: Int, _ column: Int) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        for bytes in [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] as [[UInt8]] {
            #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
        }
    }

    @Test func nestingHasALimit() throws {
        let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(throws: Never.self) { try JSON(parsing: deep) }
        #expect(throws: JSONError.self) { try JSON(parsing: "[\(deep)]") }
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: #"{"a":"#, count: 100_000)) }
    }

    @Test func membersKeepTheirOrderAndTheLastOfARepeatedNameCounts() throws {
        let object = try #require(try JSON(parsing: #"{"b":1,"a":2,"b":3}"#).object)
        #expect(Array(object.keys) == ["b", "a"])
        #expect(object["b"] == 3)
    }

    @Test func aScannerTellsWhereValuesStand() throws {
        let text = Array(#" {"id": -9007199254740991 , "params":{"a":[1, 2]}}"#.utf8)
        try text.withUnsafeBytes { bytes in
            var found: [String: String] = [:]
            var scanner = JSONScanner(bytes)
            try scanner.forEachMember { (name, scanner) throws(JSONError) in
                let key = try scanner.string(in: name)
                found[key] = String(decoding: bytes[try scanner.skipValue()], as: UTF8.self)
            }
            try scanner.expectEnd()
            #expect(found == ["id": "-9007199254740991", "params": #"{"a":[1, 2]}"#])
        }
    }
}
