import Testing
import XOJSON

@testable import XOHost

struct MappingTests {
    private let alice: JSON = [
        "subject": "1", "name": "alice", "email": "alice@example.org", "emailVerified": true, "displayName": "Alice A.",
        "groups": [["id": "a", "name": "staff"], ["id": "b", "name": "team-blue"], ["id": "c", "name": "team-red"]],
        "attributes": ["department": ["IT", "Research"], "site": ["B{1}"]],
    ]

    private func map(_ rules: JSON) throws -> MappedIdentity {
        try IdentityRules(rules).map(try Voucher(alice))
    }

    private func groups(_ rules: JSON...) throws -> [String] {
        try map(["rules": .array(rules)]).groups.map(\.name)
    }

    @Test func withoutRulesNothingIsGiven() throws {
        let mapped = try map([:])
        #expect(mapped.name == "alice" && mapped.isAllowed && mapped.groups.isEmpty)
        #expect(mapped.permission == nil, "an administrator sets it")
    }

    @Test func patternsYieldGroups() throws {
        #expect(
            try groups(["claim": "groups", "like": "team-*", "group": "T {1} of {name}"]) == [
                "T blue of alice", "T red of alice",
            ])
        #expect(
            try groups(["claim": "groups", "matches": "^(t)eam-(.)", "group": "{2}{1}{0}"]) == [
                "btteam-blue", "rtteam-red",
            ])
        #expect(try groups(["claim": "department", "is": "IT", "group": "{{it}"]) == ["{it}"])
        // A claim with several values names no group, and a value cannot bring templates in.
        #expect(try groups(["claim": "groups", "is": "staff", "group": "{department}"]) == [])
        #expect(try groups(["claim": "site", "like": "*", "group": "{0}"]) == ["B{1}"])
        // Characters of expressions are characters in wildcards.
        #expect(try groups(["claim": "email", "like": "alice?example.org", "group": "x"]) == ["x"])
        #expect(try groups(["claim": "email", "like": "alice.example.org", "group": "x"]) == [])
        #expect(try groups(["claim": "email", "like": "ALICE@*", "group": "x"]) == ["x"])
    }

    /// Where people write their address themselves they could write one that a rule makes an administrator.
    @Test func anAddressThatIsNotVerifiedIsNoClaim() throws {
        var unverified = alice.object ?? [:]
        unverified["emailVerified"] = nil
        let rules: JSON = ["rules": [["claim": "email", "like": "*@example.org", "permission": "admin"]]]
        #expect(try IdentityRules(rules).map(try Voucher(alice)).permission == .admin)
        #expect(try IdentityRules(rules).map(try Voucher(.object(unverified))).permission != .admin)
    }

    @Test func aGroupOfTheProviderKeepsItsIdentity() throws {
        let taken = try map(["rules": [["claim": "groups", "like": "team-*", "group": "{0}"]]]).groups
        #expect(taken.map(\.id) == ["b", "c"])
        #expect(try map(["groups": "all"]).groups.map(\.id) == ["a", "b", "c"])
    }

    @Test func theHighestPermissionCounts() throws {
        let rules: JSON = [
            "permission": "read",
            "rules": [
                ["claim": "groups", "is": "staff", "permission": "write"],
                ["claim": "groups", "is": "bosses", "permission": "admin"],
                ["claim": "department", "is": "IT", "permission": "none"],
            ],
        ]
        #expect(try map(rules).permission == .write)
        // Who has lost the group loses what it gave.
        #expect(
            try map(["rules": [["claim": "groups", "is": "bosses", "permission": "admin"]]]).permission
                == Permission.none)
    }

    @Test func whoIsNotAllowedIsKeptOut() throws {
        #expect(try map(["rules": [["claim": "groups", "is": "staff", "allow": true]]]).isAllowed)
        #expect(try !map(["rules": [["claim": "groups", "is": "bosses", "allow": true]]]).isAllowed)
    }

    @Test(arguments: [
        ["name": "{"] as JSON, ["name": "{}"], ["rules": [["claim": "groups"]]],
        ["rules": [["claim": "groups", "is": "a", "like": "b"]]], ["rules": [["claim": "groups", "matches": "("]]],
        ["rules": [["claim": "groups", "is": "a", "group": "{1"]]],
    ])
    func whatCannotBeReadIsSaid(_ rules: JSON) {
        #expect(throws: IdentityRules.Problem.self) { try IdentityRules(rules) }
    }

    /// An expression that takes for ever finds nothing.
    @Test func expressionsEnd() throws {
        let rules = try IdentityRules(["rules": [["claim": "name", "matches": "^(a+)+$", "group": "x"]]])
        let name = String(repeating: "a", count: 250) + "!"
        #expect(rules.map(try Voucher(["subject": "1", "name": .string(name)])).groups.isEmpty)
    }
}
