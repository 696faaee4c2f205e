import Foundation
import Synchronization
import Testing
import XOJSON

@testable import XOHost

@Suite("Tokens")
struct TokensTests {
    final class Clock: Sendable {
        private let milliseconds = Mutex<Int64>(1_700_000_000_000)
        var now: Int64 { milliseconds.withLock(\.self) }
        func advance(_ duration: Int64) { milliseconds.withLock { $0 += duration } }
    }

    let directory: TemporaryDirectory
    let clock = Clock()
    let users: Users
    let tokens: Tokens
    let ann: User
    let bob: User

    init() throws {
        directory = try TemporaryDirectory()
        let store = try directory.openStore()
        users = Users(store, passwords: .cheap, minimumPasswordLength: 1)
        tokens = Tokens(store, validity: TokenValidity(), now: { [clock] in clock.now })
        ann = try users.create(name: "ann", password: "pw", permission: .admin)
        bob = try users.create(name: "bob", password: "pw")
    }

    @Test func aTokenSignsInUntilItExpires() throws {
        let text = try tokens.create(userID: ann.id, description: "mine", expiresIn: "1 minute")
        #expect(text.count == 43 && !text.contains { "+/=".contains($0) })
        clock.advance(59_999)
        #expect(try tokens.authenticate(text, address: "a")?.user == ann)
        #expect(try tokens.authenticate(String(text.dropLast()) + "_", address: "a") == nil)
        #expect(try tokens.authenticate("", address: "a") == nil)
        clock.advance(1)
        #expect(try tokens.authenticate(text, address: "a") == nil)
        #expect(try tokens.list(userID: ann.id).isEmpty)
    }

    @Test func theRecordIsThatOfTheContract() throws {
        let text = try tokens.create(userID: ann.id, clientID: "c", description: "d", expiresIn: 60_000)
        let now = clock.now
        _ = try tokens.authenticate(text, address: "10.0.0.1")
        #expect(
            try tokens.list(userID: ann.id).map(\.record) == [
                [
                    "id": JSON(text), "user_id": JSON(ann.id), "created_at": JSON(now),
                    "expiration": JSON(now + 60_000), "description": "d", "client": ["id": "c"],
                    "last_uses": ["10.0.0.1": ["timestamp": JSON(now)]],
                ]
            ])
    }

    @Test func aClientGetsItsLiveTokenAgain() throws {
        let first = try tokens.create(userID: ann.id, clientID: "c", description: "old", expiresIn: "1h")
        clock.advance(1000)
        #expect(try tokens.create(userID: ann.id, clientID: "c", description: "new", expiresIn: "2h") == first)
        let renewed = try #require(try tokens.list(userID: ann.id).first)
        #expect(renewed.description == "new" && renewed.expiration == clock.now + 7_200_000)
        #expect(renewed.createdAt == clock.now - 1000)
        #expect(try tokens.create(userID: ann.id, clientID: "other") != first)
        #expect(try tokens.create(userID: bob.id, clientID: "c") != first)
        #expect(try tokens.create(userID: ann.id) != tokens.create(userID: ann.id))
        clock.advance(7_200_000)
        #expect(try tokens.create(userID: ann.id, clientID: "c") != first)
    }

    @Test func theDatabaseDoesNotHoldTheText() throws {
        let text = try tokens.create(userID: ann.id)
        for file in ["host.sqlite", "host.sqlite-wal"] {
            let content = try Data(contentsOf: URL(filePath: directory.file(file)))
            #expect(content.range(of: Data(text.utf8)) == nil)
        }
    }

    @Test func theTenNewestAddressesAreKept() throws {
        let text = try tokens.create(userID: ann.id)
        for index in 0..<12 {
            _ = try tokens.authenticate(text, address: "10.0.0.\(index)")
            clock.advance(1)
        }
        let addresses = try tokens.list(userID: ann.id).first?.lastUses.map(\.address)
        #expect(Set(addresses ?? []) == Set((2..<12).map { "10.0.0.\($0)" }))
    }

    @Test func deleting() throws {
        let one = try tokens.create(userID: ann.id, description: "one")
        let two = try tokens.create(userID: ann.id, clientID: "c", description: "two")
        let foreign = try tokens.create(userID: bob.id, description: "one")
        #expect(throws: TokenError.nothingSelected) {
            try tokens.delete(ids: nil, matching: nil, userID: ann.id)
        }
        try tokens.delete(ids: [foreign, "unknown"], matching: nil, userID: ann.id)
        #expect(try tokens.list(userID: nil).count == 3)
        try tokens.delete(ids: nil, matching: ["description": "one"], userID: ann.id)
        #expect(try tokens.list(userID: nil).map(\.id).sorted() == [two, foreign].sorted())
        #expect(try tokens.authenticate(one, address: "a") == nil)
        try tokens.delete(ids: nil, matching: ["client": ["id": "c"]], userID: nil)
        try tokens.delete(ids: [foreign], matching: nil, userID: nil)
        #expect(try tokens.list(userID: nil).isEmpty)
    }

    @Test func describingOwnTokensOnly() throws {
        let text = try tokens.create(userID: ann.id, description: "d")
        #expect(try !tokens.setDescription("x", ofToken: text, userID: bob.id))
        #expect(try tokens.setDescription(nil, ofToken: text, userID: ann.id))
        #expect(try tokens.list(userID: ann.id).first?.description == nil)
    }

    @Test func tokensGoWithTheirUserAndWithTime() throws {
        let text = try tokens.create(userID: bob.id)
        try users.delete(id: bob.id)
        #expect(try tokens.authenticate(text, address: "a") == nil)
        _ = try tokens.create(userID: ann.id, expiresIn: 60_000)
        clock.advance(60_000)
        try tokens.removeExpired()
        clock.advance(-60_000)
        #expect(try tokens.list(userID: nil).isEmpty)
    }

    static let patternCases: [(JSON, JSON, Bool)] = [
        (1, 1, true), ("a", "b", false), (["a": 1], ["a": 1, "b": 2], true), (["a": 1], ["b": 1], false),
        ([1, 3], [3, 2, 1], true), ([1, 4], [1, 2], false), (["__or": [1, 2]], 2, true), (["__or": []], 2, false),
        (["__and": [["a": 1], ["b": 2]]], ["a": 1, "b": 2], true), (["__not": 1], 2, true), ([:], ["a": 1], true),
        ([:], 1, false),
    ]

    @Test(arguments: patternCases)
    func patterns(_ pattern: JSON, _ value: JSON, _ matches: Bool) {
        #expect(ValuePattern.matches(pattern, value) == matches)
    }
}
