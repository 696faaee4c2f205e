import XOJSON

/// What an instance offers as a provider of identities.
struct ProviderOffer: Sendable, Hashable {
    /// For people, on the sign-in page.
    let label: String
    let takesPasswords: Bool
    let takesTokens: Bool
    /// It sends browsers elsewhere: the parameter of the callback that brings the key back.
    let redirectKey: String?
    /// The callback may come without a key.
    let takesUnsolicited: Bool

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    init(_ json: JSON) throws(Problem) {
        guard let label = json["label"]?.string, !label.isEmpty, label.utf8.count <= 100,
            !label.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw Problem(description: "its offer has no `label` of 1 to 100 bytes") }
        self.label = label
        takesPasswords = json["password"] == true
        takesTokens = json["token"] == true
        takesUnsolicited = json["unsolicited"] == true
        redirectKey = json["redirect"]?.string
        if let redirectKey, !HTTPField.isToken(redirectKey) {
            throw Problem(description: "its offer has the name of no parameter as `redirect`")
        }
        guard takesPasswords || takesTokens || redirectKey != nil else {
            throw Problem(description: "it offers nothing: no `password`, `token` or `redirect`")
        }
    }
}
