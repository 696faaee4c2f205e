import Synchronization
import Testing
import XOJSON

/// Servers that lie, or speak something else.
@Suite(.timeLimit(.minutes(3))) struct HostilePeerTests {
    private static let base = "ou=people,dc=example,dc=test"
    private static let id: (String, [[UInt8]]) = ("entryUUID", [Array("id-1".utf8)])
    private static let name: (String, [[UInt8]]) = ("uid", [Array("alice".utf8)])

    /// What happens to somebody who signs in at a server that is polite until the search, and then does this.
    private func outcome(
        _ more: JSONObject = [:], bindCode: UInt8 = 0,
        _ search: @escaping @Sendable (HostilePeer.Connection, UInt8) -> Void
    ) async throws -> Asker.Outcome {
        try await outcome(more, bindCode: bindCode) { connection, message in search(connection, message.id) }
    }

    private func outcome(
        _ more: JSONObject = [:], bindCode: UInt8 = 0,
        search: @escaping @Sendable (HostilePeer.Connection, HostilePeer.Connection.Message) -> Void
    ) async throws -> Asker.Outcome {
        let peer = try HostilePeer { connection in
            while let message = connection.readMessage() {
                switch message.operation {
                case 0x60: connection.sendResult(message.id, 0x61, code: bindCode)
                case 0x63: search(connection, message)
                default: return
                }
            }
        }
        defer { peer.stop() }
        var members: JSONObject = [
            "uri": .string(peer.uri), "base": .string(Self.base), "userIdAttribute": "entryUUID",
            "timeouts": ["tls": 3, "connect": 3, "bind": 3, "search": 3, "total": 10],
        ]
        members.merge(more, uniquingKeysWith: { $1 })
        let asker = try await Asker.started(.object(members))
        return await asker.authenticate("alice", "alice-pw")
    }

    @Test func aPoliteOneIsBelieved() async throws {
        // Else the others would prove nothing.
        let outcome = try await self.outcome { connection, id in
            connection.sendEntry(id, "uid=alice,\(Self.base)", [Self.id, Self.name])
            connection.sendResult(id, 0x65)
        }
        #expect(outcome.isVouched, "\(outcome)")
        #expect(outcome.payload["subject"] == "id-1")
    }

    @Test(
        arguments: [
            // Not BER; the wrong type of answer; a length that lies; an endless length; nested nonsense; HTTP.
            [0xFF, 0xFF, 0xFF, 0xFF], [0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x30, 0x80, 0x02, 0x01, 0x02],
            [0x30, 0x05, 0x02, 0x01, 0x02, 0x64, 0x00], [0x30, 0x0C, 0x02, 0x01, 0x02, 0x64, 0x07, 0x04, 0x7F, 0x61],
            [0x30, 0x03, 0x02, 0x01], Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), [],
        ] as [[UInt8]])
    func nonsenseIsTrouble(_ bytes: [UInt8]) async throws {
        let outcome = try await self.outcome { (connection, _: UInt8) in _ = connection.send(bytes) }
        #expect(outcome.isUnavailable, "\(outcome)")
    }

    @Test func anEntryOfTwentyMegabytesIsNotRead() async throws {
        let large = BER.entry(
            "uid=alice,\(Self.base)",
            [Self.id, Self.name, ("displayName", [[UInt8](repeating: 0x61, count: 20 << 20)])])
        let outcome = try await self.outcome { connection, id in
            connection.send(BER.message(id, large))
            connection.sendResult(id, 0x65)
        }
        #expect(outcome.isUnavailable)
        #expect(outcome.message.contains("too large"), "\(outcome)")
    }

    @Test func entriesWithoutEndAreNotReadForEver() async throws {
        let outcome = try await self.outcome { connection, id in
            while connection.sendEntry(id, "uid=alice,\(Self.base)", [Self.id, Self.name]) {}
        }
        #expect(outcome.isDenied, "more than one: \(outcome)")
    }

    @Test func anEndThatNeverComesIsTrouble() async throws {
        let outcome = try await self.outcome { connection, id in
            connection.sendEntry(id, "uid=alice,\(Self.base)", [Self.id, Self.name])
            connection.drain()
        }
        #expect(outcome.isUnavailable)
        #expect(outcome.message.contains("in time"))
    }

    @Test func referralsAreNotFollowed() async throws {
        let other = try HostilePeer { $0.drain() }
        let uri = BER.value(0x04, Array("\(other.uri)/\(Self.base)".utf8))
        // As an entry among others it is skipped …
        let skipped = try await outcome { connection, id in
            connection.send(BER.message(id, BER.value(0x73, uri)))
            connection.sendEntry(id, "uid=alice,\(Self.base)", [Self.id, Self.name])
            connection.sendResult(id, 0x65)
        }
        #expect(skipped.isVouched)
        // … as the answer to a search or to a bind it is trouble.
        let search = try await outcome { connection, id in
            connection.sendResult(id, 0x65, code: 10, more: BER.value(0xA3, uri))
        }
        #expect(search.isUnavailable)
        let bind = try await outcome(bindCode: 10) { connection, id in
            connection.sendEntry(id, "uid=alice,\(Self.base)", [Self.id, Self.name])
            connection.sendResult(id, 0x65)
        }
        #expect(bind.isUnavailable, "\(bind)")
        #expect(other.bytes.isEmpty)
        other.stop()
    }

    @Test func aServerThatClosesInTheMiddleIsTrouble() async throws {
        let outcome = try await self.outcome { connection, id in
            connection.sendEntry(id, "uid=alice,\(Self.base)", [Self.id, Self.name])
            connection.close()
        }
        #expect(outcome.isUnavailable, "\(outcome)")
    }

    @Test func anAnswerToAnotherQuestionIsNoAnswer() async throws {
        let outcome = try await self.outcome { connection, id in
            connection.sendEntry(id &+ 1, "uid=alice,\(Self.base)", [Self.id, Self.name])
            connection.sendResult(id &+ 1, 0x65)
        }
        #expect(outcome.isUnavailable, "\(outcome)")
    }

    @Test func anEntryWithoutNameIsNobody() async throws {
        // An empty DN with a password is an anonymous bind, which this server says yes to.
        let outcome = try await self.outcome { connection, id in
            connection.sendEntry(id, "", [Self.id, Self.name])
            connection.sendResult(id, 0x65)
        }
        #expect(!outcome.isVouched, "\(outcome)")
    }

    /// What a server says of people who are looked up: `nil` for a code other than success.
    private func standings(
        of subjects: [String], _ search: @escaping @Sendable (HostilePeer.Connection, UInt8) -> Void
    ) async throws -> Asker.Outcome {
        let peer = try HostilePeer { connection in
            while let message = connection.readMessage() {
                switch message.operation {
                case 0x60: connection.sendResult(message.id, 0x61)
                case 0x63: search(connection, message.id)
                default: return
                }
            }
        }
        defer { peer.stop() }
        let asker = try await Asker.started([
            "uri": .string(peer.uri), "base": .string(Self.base), "userIdAttribute": "entryUUID",
        ])
        let request = JSON.array(subjects.map { ["subject": .string($0)] })
        return await asker.lookUp(all: request)
    }

    /// Limits of a server must not make people gone: who is gone is signed out.
    @Test(arguments: [4, 11] as [UInt8]) func anAnswerThatIsCutShortSaysNothingOfTheRest(_ code: UInt8) async throws {
        let outcome = try await standings(of: ["id-1", "id-2"]) { connection, id in
            connection.sendEntry(id, "uid=alice,\(Self.base)", [Self.id, Self.name])
            connection.sendResult(id, 0x65, code: code)
        }
        #expect(!outcome.isVouched, "\(outcome)")
    }

    /// One odd entry keeps nobody else from being looked after.
    @Test func oneOddEntryIsUnclearAndTheOthersAreNot() async throws {
        let outcome = try await standings(of: ["id-1", "id-2", "id-3"]) { connection, id in
            connection.sendEntry(id, "uid=alice,\(Self.base)", [Self.id, Self.name])
            connection.sendEntry(id, "cn=nameless,\(Self.base)", [("entryUUID", [Array("id-2".utf8)])])
            connection.sendResult(id, 0x65)
        }
        let people = outcome.payload["people"]?.array ?? []
        #expect(people.count == 3, "\(outcome)")
        #expect(people.first?["name"] == "alice")
        #expect(people.dropFirst().first == [:])
        #expect(people.last == .null)
    }

    /// Of an entry with two ids nobody knows whose it is, so nobody who is missing is taken for gone.
    @Test func anEntryWithTwoIdsMakesNobodyGone() async throws {
        let outcome = try await standings(of: ["id-1", "id-2"]) { connection, id in
            connection.sendEntry(id, "uid=alice,\(Self.base)", [Self.id, Self.name])
            connection.sendEntry(
                id, "uid=bob,\(Self.base)", [("entryUUID", [Array("id-2".utf8), Array("id-9".utf8)]), Self.name])
            connection.sendResult(id, 0x65)
        }
        #expect(outcome.payload["people"]?[0]?["name"] == "alice", "\(outcome)")
        #expect(outcome.payload["people"]?[1] == [:])
    }

    /// An answer to one person's bind closes the directory to nobody else.
    @Test func troubleWithOnePersonIsNotTheServers() async throws {
        let peer = try HostilePeer { connection in
            while let message = connection.readMessage() {
                switch message.operation {
                case 0x60:
                    connection.sendResult(
                        message.id, 0x61, code: message.text.contains("uid=alice") ? 52 : 0)
                case 0x63:
                    let name = message.text.contains("bob") ? "bob" : "alice"
                    connection.sendEntry(
                        message.id, "uid=\(name),\(Self.base)",
                        [("entryUUID", [Array(name.utf8)]), ("uid", [Array(name.utf8)])])
                    connection.sendResult(message.id, 0x65)
                default: return
                }
            }
        }
        defer { peer.stop() }
        let asker = try await Asker.started([
            "uri": .string(peer.uri), "base": .string(Self.base), "userIdAttribute": "entryUUID",
        ])
        let first = await asker.authenticate("alice", "alice-pw")
        #expect(first.isUnavailable, "\(first)")
        let second = await asker.authenticate("bob", "bob-pw")
        #expect(second.isVouched, "\(second)")
        #expect(!asker.log.contains { $0.text.contains("does not serve") })
    }

    /// Active Directory gives at most 1500 values at a time; Samba does not, so it is played here.
    @Test func valuesThatComeInPartsAreRead() async throws {
        let names = (0..<3200).map { Array("cn=g\($0),dc=test".utf8) }
        let next = Mutex(0)
        let groups: JSON = ["base": "dc=test", "idAttribute": "cn", "mode": "fromUser"]
        let outcome = try await self.outcome(["groups": groups, "timeouts": ["search": 20, "total": 30]]) {
            connection, message in
            let alice = "uid=alice,\(Self.base)"
            if message.text.contains("entryDN") {
                // For each name there are two conditions, and two hundred go into one search.
                let first = next.withLock { next in
                    defer { next += 100 }
                    return next
                }
                for index in first..<first + 100 {
                    connection.sendEntry(message.id, "cn=g\(index),dc=test", [("cn", [Array("g\(index)".utf8)])])
                }
            } else if message.text.contains("range=1500-") {
                connection.sendEntry(message.id, alice, [("memberOf;range=1500-2999", Array(names[1500..<3000]))])
            } else if message.text.contains("range=3000-") {
                connection.sendEntry(message.id, alice, [("memberOf;range=3000-*", Array(names[3000...]))])
            } else {
                connection.sendEntry(
                    message.id, alice,
                    [Self.id, Self.name, ("memberOf", []), ("memberOf;range=0-1499", Array(names[..<1500]))])
            }
            connection.sendResult(message.id, 0x65)
        }
        #expect(outcome.groups.count == 3200)
    }
}
