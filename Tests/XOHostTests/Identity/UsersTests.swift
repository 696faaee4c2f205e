import Foundation
import Testing
import XOJSON

@testable import XOHost

@Suite("Users and sign-in")
struct UsersTests {
    let directory: TemporaryDirectory
    let users: Users

    init() throws {
        directory = try TemporaryDirectory()
        users = Users(try directory.openStore(), passwords: .cheap, minimumPasswordLength: 1)
    }

    @Test func creatingAndFinding() throws {
        let user = try users.create(name: "Ann@example.org", password: "pw", permission: .admin)
        #expect(user.id.count == 36 && user.id == user.id.lowercased())
        #expect(try users.find(id: user.id) == user)
        #expect(try users.find(name: "aNN@EXAMPLE.org") == user)
        #expect(try users.find(name: "bob") == nil)
        // Somebody else, also where the database ends a text at NUL.
        #expect(try users.find(name: "ann@example.org\0x") == nil)
        #expect(try users.find(id: user.id + "\0x") == nil)
        #expect(try users.count() == 1)
        #expect(throws: UserError.nameTaken("ANN@example.org")) {
            try users.create(name: "ANN@example.org", password: "pw")
        }
        #expect(UserError.nameTaken("x").description == "the user x already exists")
    }

    @Test(arguments: ["", " a", "a\n", "a\u{7}b", String(repeating: "a", count: 256)])
    func badNames(_ name: String) {
        #expect(throws: UserError.self) { try users.create(name: name, password: "pw") }
    }

    @Test func badPasswords() {
        for password in ["", String(repeating: "a", count: 1025)] {
            #expect(throws: UserError.self) { try users.create(name: "ann", password: password) }
        }
    }

    @Test func changing() throws {
        try users.create(name: "root", password: "pw", permission: .admin)
        let ann = try users.create(name: "ann", password: "pw")
        try users.setName("Ann", of: ann.id)
        try users.setPermission(.read, of: ann.id)
        try users.setPreferences(["lang": "en", "otp": "SECRET", "a": ["b": 1]], of: ann.id)
        try users.setPreferences(["lang": nil, "b": 2], of: ann.id)
        let changed = try #require(try users.find(id: ann.id))
        #expect(changed.preferences == ["otp": "SECRET", "a": ["b": 1], "b": 2])
        #expect(
            changed.publicForm
                == [
                    "id": JSON(ann.id), "email": "Ann", "permission": "read", "groups": [],
                    "preferences": ["a": ["b": 1], "b": 2],
                ])
        #expect(throws: UserError.nameTaken("ROOT")) { try users.setName("ROOT", of: ann.id) }
        #expect(throws: UserError.noSuchUser("x")) { try users.setName("x", of: "x") }
        #expect(throws: UserError.noSuchUser("x")) { try users.setPassword("x", of: "x") }
        #expect(throws: UserError.noSuchUser("x")) { try users.setPermission(.admin, of: "x") }
        #expect(throws: UserError.noSuchUser("x")) { try users.setPreferences([:], of: "x") }
        #expect(throws: UserError.noSuchUser("x")) { try users.delete(id: "x") }
        #expect(throws: UserError.self) {
            try users.setPreferences(["a": JSON(String(repeating: "x", count: 70_000))], of: ann.id)
        }
    }

    @Test func theLastAdministratorStays() throws {
        let root = try users.create(name: "root", password: "pw", permission: .admin)
        #expect(throws: UserError.lastAdministrator("root")) { try users.delete(id: root.id) }
        #expect(throws: UserError.lastAdministrator("root")) { try users.setPermission(.write, of: root.id) }
        try users.create(name: "second", password: "pw", permission: .admin)
        try users.delete(id: root.id)
        #expect(try users.all().map(\.name) == ["second"])
    }

    @Test func signingIn() throws {
        let user = try users.create(name: "ann", password: "pässword")
        let authenticator = Authenticator(users: users)
        #expect(try authenticator.verify(name: "ANN", password: "pässword", address: "a") == user)
        for (name, password) in [("ann", "wrong"), ("nobody", "pässword")] {
            #expect(throws: SignInError.invalidCredentials) {
                try authenticator.verify(name: name, password: password, address: "a")
            }
        }
        // Neither remembered nor counted, or anybody could fill the memory, or keep somebody out, with what is free.
        for (name, password) in [
            (String(repeating: "x", count: 9999), "x"), ("ann", String(repeating: "x", count: 1025)),
            ("ann", "a\u{0}b"),
            (" ann", "x"), ("ann ", "x"),
        ] {
            for _ in 0..<30 {
                #expect(throws: SignInError.impossible) {
                    try authenticator.verify(name: name, password: password, address: "a")
                }
            }
        }
        #expect("\(SignInError.impossible)" == "\(SignInError.invalidCredentials)")
        #expect(throws: SignInError.emptyPassword) {
            try authenticator.verify(name: "ann", password: "", address: "a")
        }
        for _ in 0..<4 { _ = try? authenticator.verify(name: "ann", password: "wrong", address: "a") }
        #expect(throws: SignInError.tooFast) {
            try authenticator.verify(name: "ann", password: "pässword", address: "a")
        }
        #expect(SignInError.tooFast.description == "too fast authentication tries")
    }

    @Test func aWeakHashIsReplacedAtSignIn() throws {
        try users.create(name: "ann", password: "pw")
        let weak = try #require(try users.credentials(of: "ann")?.passwordHash)
        let stronger = PasswordHash(parameters: .init(memoryKiB: 16, iterations: 2, parallelism: 1))
        let strict = Users(try directory.openStore(), passwords: stronger, minimumPasswordLength: 9)
        _ = try Authenticator(users: strict).verify(name: "ann", password: "pw", address: "a")
        let replaced = try #require(try users.credentials(of: "ann")?.passwordHash)
        #expect(replaced != weak && replaced.hasPrefix("$argon2id$v=19$m=16,t=2,p=1$"))
        #expect(try stronger.verify("pw", replaced))
    }

    @Test func hashes() throws {
        let standard = PasswordHash(parameters: .init())
        let cheap = PasswordHash.cheap
        let hash = try cheap.hash("pw")
        #expect(hash.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$"))
        #expect(try hash != cheap.hash("pw"))
        #expect(try cheap.verify("pw", hash))
        #expect(try !cheap.verify("pw ", hash))
        #expect(try !cheap.verify("pw", cheap.unmatchable()))
        #expect(!cheap.needsRehash(hash) && standard.needsRehash(hash))
        #expect(!standard.needsRehash(standard.unmatchable()))
        #expect(cheap.needsRehash(hash.replacingOccurrences(of: "argon2id", with: "argon2i")))
        #expect(cheap.needsRehash("$2b$10$abcdefghijklmnopqrstuv"))
        #expect(throws: PasswordHashError.self) { try cheap.verify("pw", "$2b$10$abcdefghijklmnopqrstuv") }
        #expect(throws: PasswordHashError.self) { try cheap.verify("pw", "$argon2id$nonsense") }
    }

    @Test func theFirstAdministrator() throws {
        let made = try #require(try Bootstrap.run(users, environment: [:]))
        let password = try #require(made.generatedPassword)
        #expect(password.count == 23)
        #expect(made.user.name == "admin@admin.net" && made.user.permission == .admin)
        let authenticator = Authenticator(users: users)
        #expect(try authenticator.verify(name: "admin@admin.net", password: password, address: "a") == made.user)
        #expect(try Bootstrap.run(users, environment: ["XO_ADMIN_USER": "x"]) == nil)
    }

    @Test func theFirstAdministratorOfOnesChoice() throws {
        let made = try Bootstrap.run(users, environment: ["XO_ADMIN_USER": "root", "XO_ADMIN_PASSWORD": "pw"])
        #expect(made?.user.name == "root" && made?.generatedPassword == nil)
        #expect(throws: Never.self) {
            try Authenticator(users: users).verify(name: "root", password: "pw", address: "a")
        }
    }

    @Test func administrationWithoutAHost() throws {
        let file = directory.file("plugins.json")
        try directory.write(
            "plugins.json",
            """
            {"host": {"dataDirectory": "state", "passwordHash": {"memoryKiB": 8192, "iterations": 1, "parallelism": 1}},
             "plugins": []}
            """)
        let administration = try UserAdministration(configurationFile: file)
        #expect(try administration.add(name: "ann", password: "pässword", permission: "admin") == nil)
        let generated = try #require(try administration.add(name: "bob", password: nil, permission: "none"))
        #expect(generated.count == 23)
        #expect(try administration.setPassword(name: "BOB", password: "pässword") == nil)
        #expect(throws: UserError.invalidPassword("2 characters, at least 8")) {
            try administration.setPassword(name: "BOB", password: "pw")
        }
        #expect(try administration.list().map { "\($0.name) \($0.permission)" } == ["ann admin", "bob none"])
        #expect(throws: UserError.noSuchUser("eve")) {
            try administration.setPassword(name: "eve", password: "pässword")
        }
        #expect(throws: UserError.unknownPermission("root")) {
            try administration.add(name: "eve", password: "pw", permission: "root")
        }

        // Somebody whom nothing lets in any more.
        let store = try Store(try DataDirectory(directory.file("state")), as: .command)
        let id = try #require(try administration.list().first { $0.name == "bob" }?.id)
        try SecondFactors(store).set(Array("12345678901234567890".utf8), of: id)
        try Links(store).set(provider: "ldap", subject: "1", userID: id)
        #expect(try administration.recover(name: "bob", password: nil) != nil)
        #expect(try administration.list().last?.permission == "admin")
        #expect(try !SecondFactors(store).isRequired(of: id))
        #expect(try Links(store).ofUser(id).isEmpty)
    }
}
