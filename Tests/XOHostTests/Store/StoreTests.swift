import Foundation
import GRDB
import Testing

@testable import XOHost

@Suite("Store")
struct StoreTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The error of opening, and its text without the path of the test's directory.
    func refusal(as role: Store.Role = .command) -> (kind: StoreError.Kind, text: String)? {
        do {
            _ = try directory.openStore(as: role)
            return nil
        } catch let error as StoreError {
            return (error.kind, error.description.replacingOccurrences(of: directory.path, with: "DIR"))
        } catch {
            Issue.record(error)
            return nil
        }
    }

    @Test func filesArePrivate() throws {
        let inner = directory.file("a/b")
        _ = try Store(try DataDirectory(inner), as: .daemon)
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(inner) == 0o700)
        #expect(try mode("\(inner)/secret.key") == 0o600)
        #expect(
            Set(try FileManager.default.contentsOfDirectory(atPath: inner))
                .isSuperset(of: ["host.lock", "host.sqlite", "secret.key"]))
        #expect(try FileManager.default.contentsOfDirectory(atPath: inner).allSatisfy { !$0.hasSuffix(".new") })
    }

    @Test func anOpenDirectoryIsRefusedWithTheRemedy() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
        let (kind, text) = try #require(refusal())
        #expect(kind == .inaccessible)
        #expect(text.contains("mode 755, expected 700") && text.hasSuffix("chmod 700 'DIR'"))
    }

    @Test func aFileIsNoDirectory() throws {
        try directory.write("file", "")
        #expect(throws: StoreError.self) { try DataDirectory(directory.file("file")) }
        #expect(throws: StoreError.self) { try DataDirectory(directory.file("file/below")) }
    }

    @Test func oneHostAtATimeAndCommandsBesideIt() throws {
        let host = try directory.openStore(as: .daemon)
        let (kind, text) = try #require(refusal(as: .daemon))
        #expect(kind == .inUse && text.contains("process \(ProcessInfo.processInfo.processIdentifier)"))
        try PluginValues(try directory.openStore(), scope: "p").put("k", [1])
        #expect(try PluginValues(host, scope: "p").get("k")?.value == [1])
    }

    @Test func whatWasWrittenIsThereAfterReopening() throws {
        try PluginValues(try directory.openStore(as: .daemon), scope: "p").put("k", Array("v".utf8), isSecret: true)
        #expect(try PluginValues(try directory.openStore(as: .daemon), scope: "p").get("k")?.value == Array("v".utf8))
    }

    @Test func commitsAreSynchronised() throws {
        let level = try directory.openStore().write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(level == 2)
    }

    // MARK: Plugin values

    @Test func values() throws {
        let store = try directory.openStore()
        let values = PluginValues(store, scope: "one")
        #expect(try values.get("k") == nil)
        let first = try values.put("k", [1, 2])
        let second = try values.put("k", [])
        #expect(second > first)
        #expect(try values.get("k") == PluginValues.Entry(key: "k", value: [], revision: second))
        #expect(try PluginValues(store, scope: "two").get("k") == nil)
        #expect(try values.remove("k"))
        #expect(try !values.remove("k"))
        #expect(try values.put("k", [3]) > second)
    }

    @Test func comparing() throws {
        let values = PluginValues(try directory.openStore(), scope: "p")
        let first = try #require(try values.compareAndSet("k", [1], expected: 0))
        #expect(try values.compareAndSet("k", [2], expected: 0) == nil)
        #expect(try values.compareAndSet("k", [2], expected: first + 1) == nil)
        #expect(try values.get("k")?.value == [1])
        let second = try #require(try values.compareAndSet("k", [2], expected: first))
        // A value that came back under the same key is another one.
        try values.remove("k")
        try values.put("k", [2])
        #expect(try values.compareAndSet("k", [3], expected: second) == nil)
    }

    @Test func listing() throws {
        let values = PluginValues(try directory.openStore(), scope: "p")
        for key in ["b", "a/2", "a/1", "a", "a0", "é"] { try values.put(key, Array(key.utf8)) }
        #expect(try values.list().map(\.key) == ["a", "a/1", "a/2", "a0", "b", "é"])
        #expect(try values.list(prefix: "a/").map(\.key) == ["a/1", "a/2"])
        #expect(try values.list(prefix: "a", after: "a/1", limit: 2).map(\.key) == ["a/2", "a0"])
        #expect(try values.list(prefix: "z").isEmpty)
        #expect(try values.list(limit: 0).isEmpty)
        #expect(try values.all(prefix: "a/").map(\.key) == ["a/1", "a/2"])
        // The same to a reader, but other bytes.
        #expect(try values.list(prefix: "e\u{301}").isEmpty)
    }

    @Test func sizes() throws {
        let values = PluginValues(try directory.openStore(), scope: "p")
        for key in ["", String(repeating: "k", count: 513)] {
            #expect(throws: StoreError.self) { try values.put(key, []) }
        }
        #expect(throws: StoreError.self) { try values.put("k", [UInt8](repeating: 0, count: (1 << 20) + 1)) }
        try values.put("k", [UInt8](repeating: 0, count: 1 << 20))
        for index in 0..<64 { try values.put("k\(index)", [UInt8](repeating: 0, count: 1 << 20)) }
        #expect(throws: StoreError.self) { try values.all(prefix: "k") }
        #expect(try values.all(prefix: "k6").count == 5)
    }

    @Test func secretsAreEncryptedAndBoundToTheirKey() throws {
        let store = try directory.openStore()
        let values = PluginValues(store, scope: "p")
        let secret = Array("correct horse battery staple".utf8)
        try values.put("one", secret, isSecret: true)
        try values.put("two", Array("other".utf8), isSecret: true)
        #expect(try values.get("one")?.value == secret)
        for file in ["host.sqlite", "host.sqlite-wal"] {
            #expect(try Data(contentsOf: URL(filePath: directory.file(file))).range(of: Data(secret)) == nil)
        }
        try store.write { database in
            try database.execute(
                sql: """
                    UPDATE pluginValue SET value = (SELECT value FROM pluginValue WHERE key = 'one') WHERE key = 'two'
                    """)
        }
        #expect(throws: StoreError.self) { try values.get("two") }
    }

    // MARK: What can be wrong

    @Test func theKeyIsMadeAnewOnlyIfNothingNeedsIt() throws {
        let values = PluginValues(try directory.openStore(), scope: "p")
        try values.put("k", [1])
        try FileManager.default.removeItem(atPath: directory.file("secret.key"))
        try PluginValues(try directory.openStore(), scope: "p").put("s", [1], isSecret: true)
        try FileManager.default.removeItem(atPath: directory.file("secret.key"))
        let (kind, text) = try #require(refusal())
        #expect(kind == .key && text.hasPrefix("DIR/secret.key: missing"))
    }

    @Test func aForeignKeyIsNoticed() throws {
        try PluginValues(try directory.openStore(), scope: "p").put("s", [1], isSecret: true)
        try directory.write("secret.key", String(repeating: "x", count: 32))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.file("secret.key"))
        #expect(refusal()?.text.hasPrefix("DIR/secret.key: not the key") == true)
        try directory.write("secret.key", "short")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.file("secret.key"))
        #expect(refusal()?.text.hasPrefix("DIR/secret.key: 5 bytes, expected 32") == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: directory.file("secret.key"))
        #expect(refusal()?.text.contains("chmod 600") == true)
    }

    /// From the moment of opening on, not only from the first look on: what a command changes while the host starts would
    /// never act.
    @Test func changesOfOthersAreSeen() throws {
        let store = try directory.openStore(as: .daemon)
        try PluginValues(try directory.openStore(), scope: "p").put("k", [1])
        #expect(try store.wasChangedByOthers())
        #expect(try !store.wasChangedByOthers())
        try PluginValues(store, scope: "p").put("k", [2])
        #expect(try !store.wasChangedByOthers())
        try PluginValues(try directory.openStore(), scope: "p").put("k", [3])
        #expect(try store.wasChangedByOthers())
    }

    @Test func aNewerDatabaseIsLeftAlone() throws {
        try directory.openStore().write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('999 from the future')")
        }
        #expect(refusal()?.kind == .newerSchema)
    }

    @Test func aDamagedDatabaseIsReported() throws {
        try directory.write("host.sqlite", String(repeating: "garbage ", count: 1000))
        let (kind, text) = try #require(refusal())
        #expect(kind == .corrupt && text.hasPrefix("DIR/host.sqlite: damaged"))
    }

    @Test func aFullDiskChangesNothing() throws {
        let store = try directory.openStore()
        let values = PluginValues(store, scope: "p")
        try values.put("k", [1])
        try store.write { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        do {
            try values.put("k", [UInt8](repeating: 0, count: 1 << 18))
            Issue.record("the value was written")
        } catch let error as StoreError {
            #expect(error.kind == .diskFull)
        }
        #expect(try values.get("k")?.value == [1])
    }
}
