import XOJSON

/// What a provider says of a person, checked. See `xo/auth.h`.
struct Voucher: Sendable, Hashable {
    struct Group: Sendable, Hashable {
        /// Never changes.
        let id: String
        let name: String
    }

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// The person, for ever, within the provider.
    let subject: String
    let name: String
    let displayName: String?
    let email: String?
    let isEmailVerified: Bool
    let groups: [Group]
    /// Whether the provider could find out the groups; if not, what was known before holds.
    let areGroupsKnown: Bool
    let attributes: [String: [String]]
    /// Names the sign-in at the provider.
    let session: String?
    /// Milliseconds since 1970: no session may last longer.
    let expires: Int64?
    /// As it came, for the store.
    let json: JSON

    static let maximumSubjectSize = 256
    /// More than anybody is in, and few enough to look through at each sign-in.
    static let maximumGroups = 10_000

    init(_ json: JSON) throws(Problem) {
        try self.init(json, areGroupsKnown: json["groups"]?.array != nil)
    }

    private init(_ json: JSON, areGroupsKnown: Bool) throws(Problem) {
        self.areGroupsKnown = areGroupsKnown
        func text(_ name: String, upTo size: Int) throws(Problem) -> String? {
            guard let value = json[name], !value.isNull else { return nil }
            guard let text = value.string, !text.isEmpty, text.utf8.count <= size,
                !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else {
                throw Problem(
                    description: "`\(name)` of the voucher is no text of 1 to \(size) bytes without control characters")
            }
            return text
        }
        guard let subject = try text("subject", upTo: Voucher.maximumSubjectSize),
            let name = try text("name", upTo: Users.maximumNameSize)
        else { throw Problem(description: "the voucher lacks `subject` or `name`") }
        self.subject = subject
        self.name = name
        // People may write these themselves; a slip there is no reason to keep anybody out.
        displayName = try? text("displayName", upTo: 1024)
        email = try? text("email", upTo: 1024)
        isEmailVerified = json["emailVerified"] == true
        session = try text("session", upTo: 1024)
        expires = json["expires"]?.integer
        guard expires ?? 0 >= 0 else {
            throw Problem(description: "`expires` of the voucher is no time, expected milliseconds since 1970")
        }

        let listed = json["groups"]?.array ?? []
        guard listed.count <= Voucher.maximumGroups else {
            throw Problem(
                description: "the voucher lists \(listed.count) groups, more than \(Voucher.maximumGroups); "
                    + "have the provider filter them")
        }
        groups = try listed.map { (group) throws(Problem) in
            guard let id = group["id"]?.string, !id.isEmpty, id.utf8.count <= 1024, id.isStorable,
                let name = group["name"]?.string,
                !name.isEmpty, name.utf8.count <= 1024
            else { throw Problem(description: "a group of the voucher has no `id` or `name` of 1 to 1024 bytes") }
            return Group(id: id, name: name)
        }
        var attributes: [String: [String]] = [:]
        for (name, values) in json["attributes"]?.object ?? [:] {
            guard let values = values.array?.compactMap(\.string) else {
                throw Problem(description: "the attribute \(name) of the voucher is no array of texts")
            }
            attributes[name] = values
        }
        self.attributes = attributes
        self.json = json
    }

    /// This voucher with the groups of an earlier one, if it does not know them itself.
    func completed(by earlier: JSON) throws(Problem) -> Voucher {
        guard !areGroupsKnown, var members = json.object else { return self }
        members["groups"] = earlier["groups"] ?? []
        return try Voucher(.object(members), areGroupsKnown: false)
    }

    /// The values of a claim: `subject`, `name`, `displayName`, `email`, `groups` (names), `groupIds`, or an attribute.
    /// An address that is not verified is no claim: people could write what a rule looks for.
    func values(of claim: String) -> [String] {
        switch claim {
        case "subject": [subject]
        case "name": [name]
        case "displayName": displayName.map { [$0] } ?? []
        case "email": isEmailVerified ? email.map { [$0] } ?? [] : []
        case "groups": groups.map(\.name)
        case "groupIds": groups.map(\.id)
        default: attributes[claim] ?? []
        }
    }
}
