import Crypto
import XOJSON

/// One line of the access lists: who may do what with which object.
struct AccessEntry: Sendable, Hashable {
    /// A user's or a group's id.
    let subject: String
    /// The object's id. There need be no such object at the moment: its pool may be away.
    let object: String
    let role: Role

    /// The same for the same entry.
    var id: String {
        var text: [UInt8] = []
        // With their lengths, so that no two entries have the same text.
        for part in [subject, object, role.rawValue] { text += "\(part.utf8.count):\(part)".utf8 }
        return Base64.url(Array(SHA256.hash(data: text).prefix(12)))
    }

    /// The entry as clients see it.
    var publicForm: JSON {
        ["id": JSON(id), "subject": JSON(subject), "object": JSON(object), "action": JSON(role.rawValue)]
    }
}
