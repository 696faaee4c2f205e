import CXOPlugin
import Foundation
import TestSupport
import Testing
import XOJSON

@testable import xo_plugin

private typealias Answer = CheckedProvider.Answer

/// The example of a provider in C.
@Suite struct PasswordFileTests {
    private static let wonderland =
        "$6$rounds=1000$saltsaltsalt$U/ofvTaz1MfPOj6w7MYgUH1XwvGEV.PGJqcSwDsiKhwTMkRl.oRJMCF6rBnIYKA3ZbRQFSB8oZiKKO.XFagR9."
    private static let builder = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$Deq9vtPmYmA..UuRprGm7Kfmow7CLHQAJ9tD3mx7hI3"
    /// Takes some tenths of a second.
    private static let patience =
        "$6$rounds=600000$saltsaltsalt$mnti.yChUwHkZmVcjWVypswaHgrygQHWmLgePZ68NAZ65hUqn8apmHlMFPvHiUEXLxPXAzNKsRgN2G0gY8/KU0"

    private static let people = """
        # People of the tests.
        alice:\(wonderland):Alice "the first" Liddell:staff,admins

        bob:\(builder)::
        locked:!\(builder):Locked:staff,
        """

    /// The plugin, with a file of its own.
    private func run(
        _ content: String = people, _ body: (CheckedProvider, TemporaryFolder) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("people é", content)
        try await CheckedProvider.run(
            BuildProducts.fixture("passwd-c"), ["file": .string(file)],
            secrets: [Self.wonderland, Self.builder, "wonderland", "builder"]
        ) { provider async throws in try await body(provider, folder) }
    }

    @Test func itVouchesForThePeopleOfTheFile() async throws {
        try await run { provider, _ async throws in
            #expect(
                try await provider.authenticate("alice", "wonderland").json == [
                    "subject": "alice", "name": "alice", "displayName": #"Alice "the first" Liddell"#,
                    "groups": [["id": "staff", "name": "staff"], ["id": "admins", "name": "admins"]],
                ])
            #expect(
                try await provider.authenticate("bob", "builder").json
                    == ["subject": "bob", "name": "bob", "groups": []])
        }
    }

    @Test func unknownIsNotWrong() async throws {
        try await run { provider, _ async throws in
            for (name, secret, status) in [
                ("alice", "builder", Answer.denied), ("alice", "Wonderland", Answer.denied),
                ("alice", "wonderland ", Answer.denied), ("locked", "builder", Answer.denied),
                ("locked", "!", Answer.denied), ("Alice", "wonderland", Answer.notMine),
                ("nobody", "wonderland", Answer.notMine), ("# People of the tests.", "x", Answer.notMine),
                ("alice:", "wonderland", Answer.notMine), ("alice\n", "wonderland", Answer.notMine),
                (String(repeating: "a", count: 256), "x", Answer.notMine),
            ] {
                #expect(try await provider.authenticate(name, secret).status == status, "\(name)")
            }
            var token = SampleCredentials(name: "alice", secret: "wonderland")
            token.kind = UInt32(XO_CREDENTIALS_TOKEN)
            #expect(try await provider.authenticate(token).status == Int32(XO_UNSUPPORTED))
        }
    }

    @Test func theFileIsReadAgain() async throws {
        try await run { provider, folder async throws in
            #expect(try await provider.authenticate("carol", "wonderland").status == Answer.notMine)
            try folder.write("people é", "carol:\(Self.wonderland):Carol:\nbob:\(Self.wonderland):Bob:")
            #expect(try await provider.authenticate("carol", "wonderland").isVoucher)
            #expect(try await provider.authenticate("alice", "wonderland").status == Answer.notMine)
            #expect(try await provider.authenticate("bob", "builder").status == Answer.denied)
            // One with a mistake changes nothing, and is named once.
            try folder.write("people é", "carol:\(Self.wonderland):Carol:\ndave:\(Self.builder)")
            for _ in 0..<2 { #expect(try await provider.authenticate("carol", "wonderland").isVoucher) }
            #expect(provider.log.count { $0.contains("line 2: expected name:hash:Display Name:group,group") } == 1)
            try FileManager.default.removeItem(atPath: folder.path("people é"))
            #expect(try await provider.authenticate("carol", "wonderland").isVoucher)
            #expect(provider.log.contains { $0.contains("cannot be read: No such file") })
        }
    }

    @Test(
        "a file that cannot be right is explained",
        arguments: [
            ("alice", "line 1: expected name:hash:Display Name:group,group"),
            ("# x\n\nalice:\(wonderland):Alice", "line 3: expected name:hash"),
            ("alice:\(wonderland):Alice:staff:more", "line 1: there is a colon too many"),
            (":\(wonderland):Alice:", "line 1: the name has to be of 1 to 255 bytes"),
            ("alice:wonderland:Alice:", "line 1: the hash is none that is strong enough"),
            ("alice::Alice:", "line 1: the hash is none that is strong enough"),
            ("alice:abvExKNP8vQaM:Alice:", "line 1: the hash is none that is strong enough"),
            ("alice:$1$saltsalt$elJ2SCKtR.F7iekaPJ.u./:Alice:", "line 1: the hash is none that is strong enough"),
            ("bob:!::\nalice:!::\nbob:*::", "bob stands there twice"),
            ("alice:!:A\0:", "holds a NUL"),
        ])
    func wrongFiles(_ content: String, _ saying: String) async throws {
        let folder = try TemporaryFolder()
        let complaint = try await CheckedProvider.complaint(
            of: BuildProducts.fixture("passwd-c"), about: ["file": .string(folder.write("people", content))])
        #expect(complaint.contains(saying), "\(complaint)")
        #expect(!complaint.contains("saltsalt"), "\(complaint)")
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xFF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0x80],
        ] as [[UInt8]])
    func textsThatAreNone(_ bytes: [UInt8]) async throws {
        let folder = try TemporaryFolder()
        let file = folder.path("people")
        try (Data("alice:!:".utf8) + Data(bytes) + Data(":".utf8)).write(to: URL(filePath: file))
        let complaint = try await CheckedProvider.complaint(
            of: BuildProducts.fixture("passwd-c"), about: ["file": .string(file)])
        #expect(complaint.contains("line 1: it is not UTF-8"), "\(complaint)")
    }

    @Test func placesThatAreNoFiles() async throws {
        for (path, saying) in [
            ("/there/is/none", "/there/is/none cannot be read: No such file or directory"),
            ("/tmp", "/tmp is no ordinary file"), ("/dev/zero", "/dev/zero is no ordinary file"),
        ] {
            let complaint = try await CheckedProvider.complaint(
                of: BuildProducts.fixture("passwd-c"), about: ["file": .string(path)])
            #expect(complaint.contains(saying), "\(complaint)")
        }
    }

    @Test func anotherFileWhileItRuns() async throws {
        try await run { provider, folder async throws in
            await #expect(throws: Breach.self) { try await provider.reconfigure(["file": "/there/is/none"]) }
            #expect(try await provider.authenticate("alice", "wonderland").isVoucher)
            let other = try folder.write("others", "zoe:\(Self.wonderland):Zoë 😀 \\:\"team\"")
            try await provider.reconfigure(["file": .string(other), "label": "Others"])
            #expect(try await provider.authenticate("alice", "wonderland").status == Answer.notMine)
            let zoe = try await provider.authenticate("zoe", "wonderland").json
            #expect(zoe["displayName"] == "Zoë 😀 \\")
            #expect(zoe["groups"] == [["id": "\"team\"", "name": "\"team\""]])
            try await provider.restart()
            // As it was configured first.
            #expect(provider.offer?.takesPasswords == true)
            #expect(try await provider.authenticate("alice", "wonderland").isVoucher)
        }
    }

    /// Hashing holds nobody up but those who wait for it; and of those there are not too many.
    @Test func theLaneStaysFree() async throws {
        try await run("paul:\(Self.patience)::") { provider, _ async throws in
            let (underWay, refused) = try await provider.withInstance { instance in
                let paul = SampleCredentials(name: "paul", secret: "patience")
                let ops = try (0..<100).compactMap { _ in try instance.authenticate(paul) }
                // It is answered in the lane, after all of them were handed in.
                let nobody = try #require(try instance.authenticate(SampleCredentials(name: "", secret: "x")))
                #expect(try CheckedProvider.answer(to: nobody, instance).status == Answer.notMine)
                let underWay = instance.host.operations.unfinished(of: ops, patience: 0)
                let refused = ops.count {
                    instance.host.operations.outcome(of: $0, patience: 0)?.status == Int32(XO_BUSY)
                }
                return (underWay.count, refused)
            }
            #expect(underWay > 50)
            #expect(refused > 20 && underWay + refused <= 100)
            // The end of the plugin waits for none of them but those that are being looked at.
        }
    }
}
