import Testing

@testable import XOHost

@Suite("Wrong passwords that a provider hears")
struct AccountTriesTests {
    private let clock = ThrottleTests.Clock()
    private let limit = AccountTries.Limit(tries: 4, seconds: 900)
    private let ann = AccountTries.Account(provider: "ldap", name: "Ann")

    private func tries() -> AccountTries { AccountTries(now: { [clock] in clock.now }) }

    @Test func theLastOneIsForThoseWhoAreKnown() {
        let tries = tries()
        for _ in 0..<3 {
            #expect(tries.admits(ann, limit, isKnown: false))
            tries.failed(ann, limit)
        }
        #expect(!tries.admits(ann, limit, isKnown: false))
        #expect(tries.admits(AccountTries.Account(provider: "ldap", name: "ANN"), limit, isKnown: true))
        #expect(tries.admits(AccountTries.Account(provider: "other", name: "ann"), limit, isKnown: false))
        tries.failed(ann, limit)
        #expect(!tries.admits(ann, limit, isKnown: true))
        tries.succeeded(ann)
        #expect(tries.admits(ann, limit, isKnown: false))
    }

    /// As a directory counts: all failures, until there was none for the whole time.
    @Test func aTrickleIsCounted() {
        let tries = tries()
        for _ in 0..<3 {
            tries.failed(ann, limit)
            clock.advance(899)
        }
        #expect(!tries.admits(ann, limit, isKnown: false))
        clock.advance(1)
        #expect(tries.admits(ann, limit, isKnown: false))
        tries.failed(ann, limit)
        #expect(tries.admits(ann, limit, isKnown: false), "the old ones are forgotten")
    }

    @Test func spellingsOfAnAccountAreOne() {
        let tries = tries()
        for spelling in ["a n", " A N", "a  n "] {
            tries.failed(AccountTries.Account(provider: "ldap", name: spelling), limit)
        }
        #expect(!tries.admits(AccountTries.Account(provider: "ldap", name: "a n"), limit, isKnown: false))
    }

    @Test func oneTryIsAlwaysFree() {
        let tries = tries()
        #expect(tries.admits(ann, AccountTries.Limit(tries: 1, seconds: 60), isKnown: false))
    }
}

@Suite struct TurnsTests {
    @Test func oneAtATimeInTheirOrder() async {
        let turns = Turns(most: 3)
        #expect(await turns.begin("a"))
        #expect(await turns.begin("b"), "another key does not wait")
        let order = Recorder()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                group.addTask {
                    #expect(await turns.begin("a"))
                    await order.enter(number)
                    await Task.yield()
                    await order.leave()
                    turns.end("a")
                }
                while turns.count(waitingFor: "a") <= number { await Task.yield() }
            }
            #expect(await turns.begin("a") == false, "too many wait")
            turns.end("a")
        }
        #expect(await order.entered == [0, 1, 2])
        #expect(await turns.begin("a"), "nobody has the turn any more")
    }

    private actor Recorder {
        private(set) var entered: [Int] = []
        private var isInside = false

        func enter(_ number: Int) {
            #expect(!isInside)
            isInside = true
            entered.append(number)
        }
        func leave() { isInside = false }
    }
}
