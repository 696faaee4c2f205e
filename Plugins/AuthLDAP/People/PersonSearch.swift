import CLDAP
import XOPluginAPI

/// Finding people, and what is said of them.
struct PersonSearch {
    private let session: Session
    private let people: PeopleSettings
    private let groups: GroupSettings?

    init(_ session: Session) {
        self.session = session
        people = session.settings.people
        groups = session.settings.groups
    }

    /// Names are taken as they are typed, but for what can be no name. Longer ones would only be work for the directory.
    static func isPossibleName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 256
            && name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// Who is meant by a name: nobody, one, or too many.
    func named(_ name: String) throws(DirectoryFailure) -> DirectoryHandle.Found {
        // Two would do to see that it is not one; with tryEach a few may come.
        let limit = people.onMultiple == .refuse ? 2 : 10
        return try find(people.filter.render(name: name), limit: limit)
    }

    /// Those with these subjects who could sign in under some name. In any order; absent are those who could not.
    func identified(_ subjects: some Collection<String>) throws(DirectoryFailure) -> [Entry] {
        guard people.idAttribute.lowercased() != "dn" else { return try read(subjects) }
        let ids = subjects.map { subject in
            let value = Identifier.value(of: subject, attribute: people.idAttribute)
            return "(\(people.idAttribute)=\(Filter.escape(value)))"
        }
        // One more than asked for, to see an id that is no id.
        let found = try find(
            "(&\(people.filter.forAnybody)(|\(ids.joined())))", limit: subjects.count + 1,
            pageSize: session.settings.pageSize)
        // Who is left out would be taken for gone.
        guard !found.isIncomplete || found.entries.count > subjects.count else {
            throw misconfigured(
                "the server tells only some of those who were asked for; look at its limits for searches, at pageSize, and "
                    + "whether \(people.idAttribute) is indexed")
        }
        return found.entries
    }

    private func read(_ names: some Collection<String>) throws(DirectoryFailure) -> [Entry] {
        var entries: [Entry] = []
        for name in names where DistinguishedName(name) != nil {
            let search = DirectoryHandle.Search(
                base: name, scope: .entry, filter: people.filter.forAnybody, attributes: attributes, limit: 1)
            do throws(DirectoryFailure) {
                entries += try session.search("person", search).entries
            } catch {
                // Gone; any other failure says nothing of the person.
                guard error.code == LDAP_NO_SUCH_OBJECT else { throw error }
            }
        }
        return entries
    }

    private func find(_ filter: String, limit: Int, pageSize: Int = 0) throws(DirectoryFailure) -> DirectoryHandle.Found
    {
        try session.search(
            "person",
            DirectoryHandle.Search(
                base: people.base, scope: people.scope, filter: filter, attributes: attributes, limit: limit,
                pageSize: pageSize))
    }

    private var attributes: [String] {
        var names = [people.idAttribute, people.nameAttribute, people.mailAttribute, people.displayNameAttribute]
        names += people.more + AccountState.attributes
        if let groups { names += GroupSearch.attributes(groups) }
        var known: Set<String> = ["dn"]
        return names.filter { known.insert($0.lowercased()).inserted } + ["1.1"]
    }

    // MARK: Vouchers

    /// What is known of a person, without the groups.
    func voucher(_ entry: Entry) throws(DirectoryFailure) -> Voucher {
        var voucher = Voucher(subject: try subject(entry), name: try name(entry))
        voucher.displayName = entry.texts(people.displayNameAttribute).first
        voucher.email = entry.texts(people.mailAttribute).first
        voucher.isEmailVerified = people.isMailVerified && voucher.email != nil
        for attribute in people.more {
            let values = entry[attribute].map { Identifier.text(of: $0, attribute: attribute) }
            if !values.isEmpty { voucher.attributes[attribute] = values }
        }
        return voucher
    }

    /// The person, for ever. Without exactly one id nobody comes in: an attribute that many share would make all of them
    /// the same user.
    func subject(_ entry: Entry) throws(DirectoryFailure) -> String {
        let attribute = people.idAttribute
        let text: String?
        if attribute.lowercased() == "dn" {
            text = DistinguishedName(entry.dn)?.description
        } else {
            let values = entry[attribute]
            guard values.count == 1 else {
                throw misconfigured(
                    "\(entry.dn) has \(values.count) values of userIdAttribute \(attribute), expected one; is it "
                        + "spelled right, and may the service account read it?")
            }
            text = Identifier.text(of: values[0], attribute: attribute)
        }
        guard let text, !text.isEmpty, text.utf8.count <= 256 else {
            throw misconfigured("the userIdAttribute \(attribute) of \(entry.dn) is empty or longer than 256 bytes")
        }
        return text
    }

    /// As the directory spells it; of several values the one that the entry is named by.
    private func name(_ entry: Entry) throws(DirectoryFailure) -> String {
        let values = entry.texts(people.nameAttribute).filter { !$0.isEmpty }
        guard let first = values.first else {
            throw misconfigured("\(entry.dn) has no nameAttribute \(people.nameAttribute)")
        }
        guard values.count > 1, let dn = DistinguishedName(entry.dn)?.description else { return first }
        return values.first { value in
            let relative = DistinguishedName("\(people.nameAttribute)=\(DistinguishedName.escape(value))")
            return relative.map { dn == $0.description || dn.hasPrefix($0.description + ",") } ?? false
        } ?? first
    }

    private func misconfigured(_ text: String) -> DirectoryFailure {
        DirectoryFailure(
            kind: .misconfigured, phase: .search, server: session.server.uri, text: Printable.text(text, limit: 500))
    }
}
