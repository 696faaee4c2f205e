import Testing
import XOJSON

@testable import XOHost

struct SecondFactorTests {
    private let secret = Array("12345678901234567890".utf8)

    /// The vectors of RFC 6238, appendix B, as six digits.
    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)])
    func passwordsAreThoseOfTheStandard(_ seconds: Int64, _ code: String) {
        #expect(OneTimePassword.password(secret: secret, step: seconds / 30) == Array(code.utf8))
    }

    @Test func clocksMayDifferByOneStepAndNoCodeIsTakenTwice() {
        func step(_ code: String, at seconds: Int64, after last: Int64 = 0) -> Int64? {
            OneTimePassword.matchingStep(code, secret: secret, now: seconds * 1000, after: last)
        }
        #expect(step("287082", at: 59) == 1)
        #expect(step("287 082", at: 59 + 30) == 1)
        #expect(step("287082", at: 59 - 30) == 1)
        #expect(step("287082", at: 59 + 60) == nil)
        #expect(step("287082", at: 59, after: 1) == nil)
        for wrong in ["", "28708", "2870822", "abcdef", "287083"] { #expect(step(wrong, at: 59) == nil) }
    }

    @Test func secretsAreBase32() {
        #expect(OneTimePassword.secret(base32: "GEZDGNBVGY3TQOJQ GEZDGNBVGY3TQOJQ") == secret)
        #expect(OneTimePassword.secret(base32: "gezdgnbvgy3tqojqgezdgnbvgy3tqojq====") == secret)
        for wrong in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQ1", "GEZDGNBVGY3TQOJQ\u{0}"] {
            #expect(OneTimePassword.secret(base32: wrong) == nil)
        }
    }
}
