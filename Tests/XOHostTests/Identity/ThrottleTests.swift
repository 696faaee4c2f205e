import Synchronization
import Testing

@testable import XOHost

@Suite("Throttle of sign-ins")
struct ThrottleTests {
    /// A clock that the test sets.
    final class Clock: Sendable {
        private let seconds = Mutex(1000.0)
        var now: Double { seconds.withLock(\.self) }
        func advance(_ duration: Double) { seconds.withLock { $0 += duration } }
    }

    let clock = Clock()

    func throttle(_ limits: Throttle.Limits = Throttle.Limits()) -> Throttle {
        Throttle(limits, now: { [clock] in clock.now })
    }

    @Test func aFewFailuresAreFreeThenOneEachTenSeconds() {
        let throttle = throttle()
        for _ in 0..<5 {
            #expect(throttle.admits(name: "ann", address: "a"))
            throttle.failed(name: "Ann", address: "a")
        }
        #expect(!throttle.admits(name: "ann", address: "a"))
        #expect(!throttle.admits(name: "ANN", address: "a"))
        #expect(throttle.admits(name: "ann", address: "b"))
        #expect(throttle.admits(name: "bob", address: "a"))
        clock.advance(10)
        #expect(throttle.admits(name: "ann", address: "a"))
        throttle.failed(name: "ann", address: "a")
        #expect(!throttle.admits(name: "ann", address: "a"))
    }

    @Test func spellingsOfANameAreOneName() {
        let throttle = throttle()
        for spelling in ["a b", "A b", "a  b", "a \u{2003} b", "a\u{A0}b"] {
            #expect(throttle.admits(name: spelling, address: "a"))
            throttle.failed(name: spelling, address: "a")
        }
        #expect(!throttle.admits(name: "a b", address: "a"))
    }

    @Test func aHouseholdIsOneAddress() {
        let throttle = throttle()
        for host in 1...5 { throttle.failed(name: "ann", address: "2001:db8:1:2::\(host)") }
        #expect(!throttle.admits(name: "ann", address: "2001:db8:1:2:ffff::1%eth0"))
        #expect(throttle.admits(name: "ann", address: "2001:db8:1:3::1"))
        #expect(AddressBlock.of("::ffff:192.0.2.7") == AddressBlock.of("::ffff:c000:207"))
        #expect(AddressBlock.of("::ffff:192.0.2.7") != AddressBlock.of("::ffff:192.0.2.8"))
        #expect(AddressBlock.of("192.0.2.7") == "192.0.2.7")
        #expect(AddressBlock.of("no:address") == "no:address")
    }

    @Test func aSuccessIsNeverInTheWayAndClears() {
        let throttle = throttle()
        for _ in 0..<1000 {
            #expect(throttle.admits(name: "ann", address: "a"))
            throttle.succeeded(name: "ann", address: "a")
        }
        for _ in 0..<4 { throttle.failed(name: "ann", address: "a") }
        throttle.succeeded(name: "ann", address: "a")
        for _ in 0..<4 { throttle.failed(name: "ann", address: "a") }
        #expect(throttle.admits(name: "ann", address: "a"))
    }

    @Test func oneAddressCannotTryManyNames() {
        let throttle = throttle()
        for index in 0..<20 {
            #expect(throttle.admits(name: "user\(index)", address: "a"))
            throttle.failed(name: "user\(index)", address: "a")
        }
        #expect(!throttle.admits(name: "other", address: "a"))
        #expect(throttle.admits(name: "other", address: "b"))
        // An account of one's own does not buy further tries at others'.
        throttle.succeeded(name: "own", address: "a")
        #expect(!throttle.admits(name: "other", address: "a"))
        clock.advance(3)
        #expect(throttle.admits(name: "other", address: "a"))
    }

    @Test func manyAddressesWaitLongerAndLongerForOneName() {
        let throttle = throttle()
        throttle.succeeded(name: "ann", address: "home")
        for index in 0..<10 { throttle.failed(name: "ann", address: "bot\(index)") }
        var waits: [Double] = []
        for index in 10..<18 {
            var wait = 0.0
            while !throttle.admits(name: "ann", address: "bot\(index)") {
                clock.advance(1)
                wait += 1
            }
            waits.append(wait)
            throttle.failed(name: "ann", address: "bot\(index)")
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60])
        // The user's own address is not kept out.
        #expect(!throttle.admits(name: "ann", address: "bot99"))
        #expect(throttle.admits(name: "ann", address: "home"))
        clock.advance(121)
        throttle.failed(name: "ann", address: "bot99")
        #expect(throttle.admits(name: "ann", address: "bot100"))
    }

    @Test func memoryIsBounded() {
        var limits = Throttle.Limits()
        limits.capacity = 3
        let throttle = throttle(limits)
        for _ in 0..<5 { throttle.failed(name: "ann", address: "a") }
        #expect(!throttle.admits(name: "ann", address: "a"))
        for index in 0..<3 { throttle.failed(name: "x\(index)", address: "y\(index)") }
        #expect(throttle.admits(name: "ann", address: "a"))
    }

    @Test func whatWasUsedLeastRecentlyIsForgotten() {
        var recent = RecentlyUsed<Int, String>(capacity: 3)
        for key in 1...3 { recent.set(key, "\(key)") }
        #expect(recent[1] == "1")
        recent.set(4, "4")
        #expect(recent[2] == nil)
        #expect(recent[3] == "3")
        recent.set(1, "one")
        recent.set(5, "5")
        recent.set(6, "6")
        #expect(recent[4] == nil && recent[3] == nil)
        #expect(recent[1] == "one" && recent[5] == "5" && recent[6] == "6")
        #expect(recent.count == 3)
    }
}
