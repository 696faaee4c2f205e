import XOJSON

/// A token: signs its user in without a password until it expires.
struct Token: Sendable, Hashable {
    /// The text that signs in: 32 bytes, base64url, 43 characters. A secret, shown to its user only.
    let id: String
    let userID: String
    let clientID: String?
    let description: String?
    /// Milliseconds since 1970.
    let createdAt: Int64
    let expiration: Int64
    /// The newest addresses from which it was used, each with the time of the last use.
    let lastUses: [Use]

    /// The sign-in at a provider that it came of, and ends with.
    let origin: Identified.Origin?

    struct Use: Sendable, Hashable {
        let address: String
        let timestamp: Int64
    }

    /// The record as the network API has it.
    var record: JSON {
        var record: JSONObject = [
            "id": JSON(id), "user_id": JSON(userID), "created_at": JSON(createdAt), "expiration": JSON(expiration),
        ]
        if let description { record["description"] = JSON(description) }
        if let clientID { record["client"] = ["id": JSON(clientID)] }
        if !lastUses.isEmpty {
            var uses = JSONObject()
            for use in lastUses { uses[use.address] = ["timestamp": JSON(use.timestamp)] }
            record["last_uses"] = .object(uses)
        }
        return .object(record)
    }
}
