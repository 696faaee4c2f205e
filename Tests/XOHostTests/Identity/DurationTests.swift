import Testing
import XOJSON

@testable import XOHost

@Suite("Durations of tokens")
struct DurationTests {
    static let durations: [(String, Double)] = [
        ("2 hours", 7_200_000), ("30 days", 2_592_000_000), ("1h", 3_600_000), ("1.5d", 129_600_000), ("90", 90),
        ("1 MINUTE", 60_000), ("-1s", -1000), (".5h", 1_800_000), ("0.5 year", 15_778_800_000), ("1w", 604_800_000),
        ("2   mins", 120_000), ("10msecs", 10), ("1 yr", 31_557_600_000), ("0", 0),
    ]

    @Test(arguments: durations)
    func texts(_ text: String, _ milliseconds: Double) {
        #expect(DurationText.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", " ", "h", "1.", "1.h", ".", "-", "--1", "1 hour ", " 1h", "1h30m", "one hour", "1e3", "1 fortnight", "+1h",
        "1,5h", "1\th", "٣h", "1h\n", String(repeating: "1", count: 101),
    ])
    func noDurations(_ text: String) {
        #expect(DurationText.milliseconds(text) == nil)
    }

    @Test func limits() throws {
        let validity = TokenValidity()
        #expect(try validity.duration(nil) == 2_592_000_000)
        #expect(try validity.duration(60_000) == 60_000)
        #expect(try validity.duration("0.5 year") == 15_778_800_000)
        let refused: [(JSON, String)] = [
            (59_999, "invalid expiresIn duration: 59999"),
            ("59s", "invalid expiresIn duration: 59s"),
            ("soon", "invalid expiresIn duration: soon"),
            (-1, "invalid expiresIn duration: -1"),
            (15_778_800_001, "too high expiresIn duration: 15778800001"),
            ("1 year", "too high expiresIn duration: 1 year"),
            (true, "invalid expiresIn duration: true"),
        ]
        for (expiresIn, text) in refused {
            do throws(TokenError) {
                _ = try validity.duration(expiresIn)
                Issue.record("\(expiresIn) was accepted")
            } catch {
                #expect(error.description == text)
            }
        }
    }
}
