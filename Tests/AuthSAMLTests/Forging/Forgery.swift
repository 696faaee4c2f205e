import Foundation
import Testing
import XOJSON

/// A message that must be refused, and for what.
struct Forgery: Sendable, CustomTestStringConvertible {
    let name: String
    /// The refusal's reason, as the log has it.
    let reason: String
    var configuration: JSONObject = [:]
    /// Makes the message out of a draft that is an answer to the request at hand.
    let make: @Sendable (Draft) throws -> Data

    var testDescription: String { name }

    init(
        _ name: String, _ reason: String, _ configuration: JSONObject = [:],
        _ make: @escaping @Sendable (Draft) throws -> String
    ) {
        self.init(name, reason, configuration, bytes: { Data(try make($0).utf8) })
    }

    init(
        _ name: String, _ reason: String, _ configuration: JSONObject = [:],
        bytes make: @escaping @Sendable (Draft) throws -> Data
    ) {
        self.name = name
        self.reason = reason
        self.configuration = configuration
        self.make = make
    }

    /// A draft with something changed, signed by the provider as usual.
    static func changed(
        _ name: String, _ reason: String, _ configuration: JSONObject = [:],
        _ change: @escaping @Sendable (inout Draft) throws -> Void
    ) -> Forgery {
        Forgery(name, reason, configuration) { draft in
            var draft = draft
            try change(&draft)
            return try draft.xml()
        }
    }

    /// The same, once with the assertion signed and once with the response signed: the same must hold for both.
    static func eachSigned(
        _ name: String, _ reason: String, _ change: @escaping @Sendable (inout Draft) throws -> Void
    ) -> [Forgery] {
        [
            changed(name + ", assertion signed", reason, [:], change),
            changed(name + ", response signed", reason) { draft in
                draft.responseSigning = Signing()
                draft.assertionSigning = nil
                try change(&draft)
            },
        ]
    }
}

extension String {
    func replacing(first part: String, with other: String) -> String {
        guard let range = range(of: part) else { return self }
        return replacingCharacters(in: range, with: other)
    }

    /// With something before the last end tag.
    func appendingInside(_ content: String) -> String {
        guard let range = range(of: "</", options: .backwards) else { return self }
        return replacingCharacters(in: range, with: content + "</")
    }
}

extension Draft {
    /// The same message about somebody else, unsigned.
    var forged: Draft {
        var forged = self
        forged.assertionID = "_evil" + assertionID.dropFirst(2)
        forged.nameID = nameID.replacingOccurrences(of: "alice", with: "admin")
        forged.attributes = attributes.replacingOccurrences(of: "alice", with: "admin")
        forged.assertionSigning = nil
        return forged
    }

    /// The provider's signature over the assertion.
    func genuineSignature() throws -> String { try Signing().signature(of: assertion(), id: assertionID) }
}
