import XOJSON

/// What the administrator says of the people of one provider: `identity` of a plugin in `plugins.json`.
struct IdentityRules: Sendable {
    /// Who an unknown person becomes, if a user here looks like it.
    enum Linking: String, Sendable {
        /// Nobody: the name is taken, and signing in fails.
        case never
        /// The user whose name is the address, if the provider has verified it.
        case byVerifiedEmail
        /// The user of that name. For moving from Xen Orchestra.
        case byName
    }

    /// One line of the rules: whoever has such a claim gets this.
    struct Rule: Sendable {
        let claim: String
        let pattern: ClaimPattern
        let allows: Bool
        let permission: Permission?
        let group: ClaimTemplate?
        /// As it was written, for explanations.
        let text: String
    }

    /// Where a rule is wrong: the path within `identity`, and what was expected there.
    struct Problem: Error {
        let path: JSONPath
        let expected: String
    }

    let linking: Linking
    /// Whether an unknown person becomes a new user.
    let creates: Bool
    /// What somebody may do whom no rule gives more.
    let permission: Permission
    let name: ClaimTemplate
    /// Whether all groups of the provider become groups here, or only those that rules name.
    let takesAllGroups: Bool
    let rules: [Rule]
    /// Minutes between two looks at what the provider says of its people; `nil`: only when they sign in.
    let recheck: Int64?
    let accountTries: AccountTries.Limit

    /// Of a value that fits the schema.
    init(_ json: JSON) throws(Problem) {
        linking = json["link"]?.string.flatMap(Linking.init) ?? .never
        creates = json["create"]?.bool ?? true
        permission = json["permission"]?.string.flatMap(Permission.init) ?? .none
        takesAllGroups = json["groups"] == "all"
        recheck = json["recheck"]?.integer
        accountTries = AccountTries.Limit(
            tries: Int(json["wrongPasswords"]?["tries"]?.integer ?? 4),
            seconds: 60 * Double(json["wrongPasswords"]?["minutes"]?.integer ?? 15))
        name = try IdentityRules.template(json["name"]?.string ?? "{name}", [.member("name")])
        rules = try (json["rules"]?.array ?? []).enumerated().map { (index, rule) throws(Problem) in
            let place: JSONPath = [.member("rules"), .element(index)]
            return Rule(
                claim: rule["claim"]?.string ?? "", pattern: try IdentityRules.pattern(rule, place),
                allows: rule["allow"]?.bool ?? false,
                permission: rule["permission"]?.string.flatMap(Permission.init),
                group: try rule["group"]?.string.map { (text) throws(Problem) in
                    try IdentityRules.template(text, place + [.member("group")])
                },
                text: rule.description)
        }
    }

    private static func pattern(_ rule: JSON, _ place: JSONPath) throws(Problem) -> ClaimPattern {
        do throws(ClaimPattern.Problem) {
            return try ClaimPattern(rule)
        } catch {
            throw Problem(path: place, expected: error.description)
        }
    }

    private static func template(_ text: String, _ place: JSONPath) throws(Problem) -> ClaimTemplate {
        do throws(ClaimTemplate.Problem) {
            return try ClaimTemplate(text)
        } catch {
            throw Problem(path: place, expected: error.description)
        }
    }
}
