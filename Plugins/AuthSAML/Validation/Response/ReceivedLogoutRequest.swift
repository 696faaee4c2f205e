/// A provider's request to end sessions, whose signature has been verified over the address that brought it.
public struct ReceivedLogoutRequest: Sendable {
    public let id: String
    public let nameID: NameID
    /// The sessions that are to end; empty: all of the person.
    public let sessionIndexes: [String]
    /// Until when it could be used again, in milliseconds since 1970.
    public let usableUntil: Int64

    /// How old a request may be, in milliseconds, beside the clock skew.
    private static let maximumAge: Int64 = 300_000

    /// - Parameters:
    ///   - destination: where such requests go.
    ///   - issuer: the identity provider's entity id.
    ///   - now: milliseconds since 1970.
    /// - Throws: ``Refusal``.
    public init(
        _ message: [UInt8], destination: String, issuer: String, now: Int64, clockSkew: Int64, limit: Int
    ) throws {
        let tree = try XMLTree(parsing: message, limit: limit)
        _ = try Survey(tree)
        guard let root = tree.root, root.isNamed("LogoutRequest", in: SAML.protocol) else {
            throw Refusal(.structure, "the document is \((tree.root?.localName).quoted), expected a LogoutRequest")
        }
        guard root.attribute("Version") == "2.0", let id = root.attribute("ID"), !id.isEmpty else {
            throw Refusal(.version, "the LogoutRequest is not of version 2.0 or has no ID")
        }
        guard root.attribute("Destination") == destination else {
            throw Refusal(
                .destination,
                "the Destination is \(root.attribute("Destination").quoted), expected \(destination.quoted)")
        }
        let sender = try root.child("Issuer", in: SAML.assertion, .issuer)?.text(.issuer)
        guard sender == issuer else {
            throw Refusal(.issuer, "the Issuer is \(sender.quoted), expected \(issuer.quoted)")
        }
        let times = TimeChecks(now: now, skew: clockSkew)
        let issued = try times.required("IssueInstant", of: root)
        try times.checkNotFuture(issued, "the IssueInstant")
        let end = min(issued + Self.maximumAge, try times.instant("NotOnOrAfter", of: root) ?? .max)
        try times.checkNotOver(end, "the time of the LogoutRequest")
        guard let name = try root.child("NameID", in: SAML.assertion, .subject) else {
            throw Refusal(.subject, "the LogoutRequest has no NameID; encrypted ones are not supported")
        }
        self.id = id
        nameID = try NameID(name)
        sessionIndexes = try root.children("SessionIndex", in: SAML.protocol).map { try $0.text(.subject) }
        usableUntil = end + clockSkew
    }
}
