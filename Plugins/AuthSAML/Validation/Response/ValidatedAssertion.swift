/// What an identity provider has said, after all of it has been checked.
public struct ValidatedAssertion: Sendable, Hashable {
    public var id: String
    public var issuer: String
    public var nameID: NameID?
    public var attributes: [Attribute]
    /// Names the session at the provider.
    public var sessionIndex: String?
    /// When the session must end, in milliseconds since 1970.
    public var sessionExpires: Int64?
    /// Until when the assertion could be used again, in milliseconds since 1970, the clock skew included.
    public var usableUntil: Int64

    /// An attribute as it came. The same name may be there more than once.
    public struct Attribute: Sendable, Hashable {
        public var name: String
        /// `nil` for a value that is not text.
        public var values: [String?]
    }

    /// The value of an attribute that must have exactly one: who somebody is must not depend on which of several is read.
    ///
    /// - Returns: `nil` if it is not there.
    /// - Throws: ``Refusal``.
    public func single(_ name: String) throws -> String? {
        let found = attributes.filter { $0.name == name }
        guard !found.isEmpty else { return nil }
        guard found.count == 1, found[0].values.count == 1, let value = found[0].values[0] else {
            throw Refusal(
                .identity,
                "the attribute \(name.quoted) has \(found.map(\.values.count).reduce(0, +)) values or one that is not "
                    + "text, expected one text")
        }
        return value
    }

    /// All texts of an attribute.
    public func all(_ name: String) -> [String] {
        attributes.filter { $0.name == name }.flatMap { $0.values.compactMap { $0 } }
    }
}

/// A `NameID`, which names a person at the provider.
public struct NameID: Sendable, Hashable {
    public var value: String
    public var format: String?
    public var nameQualifier: String?
    public var spNameQualifier: String?

    public init(value: String, format: String?, nameQualifier: String?, spNameQualifier: String?) {
        self.value = value
        self.format = format
        self.nameQualifier = nameQualifier
        self.spNameQualifier = spNameQualifier
    }

    /// - Throws: ``Refusal``.
    public init(_ element: XMLElement) throws {
        self.init(
            value: try Identifier.check(element.text(.identity), "the NameID"), format: element.attribute("Format"),
            nameQualifier: element.attribute("NameQualifier"), spNameQualifier: element.attribute("SPNameQualifier"))
    }
}

/// Texts that say who somebody is.
public enum Identifier {
    /// Returns the text as it is, 1 to 256 bytes without control characters.
    ///
    /// - Throws: ``Refusal``. Nothing is trimmed or shortened: another text may be another person.
    public static func check(_ text: String, _ what: String) throws -> String {
        guard !text.isEmpty else { throw Refusal(.identity, "\(what) is empty") }
        guard text.utf8.count <= 256 else {
            throw Refusal(.identity, "\(what) has \(text.utf8.count) bytes, expected at most 256")
        }
        let isPlain = text.unicodeScalars.allSatisfy {
            ![.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        }
        guard isPlain else { throw Refusal(.identity, "\(what) has control characters") }
        return text
    }
}
