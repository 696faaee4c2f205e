import XOJSON

/// Users as clients see them, with the providers that they come from. All functions block.
extension Services {
    func publicForm(of user: User) throws -> JSON { user.publicForm(with: try links.ofUser(user.id)) }

    func publicForms() throws -> [JSON] {
        let links = try links.all()
        return try users.all().map { $0.publicForm(with: links[$0.id] ?? []) }
    }
}

extension User {
    fileprivate func publicForm(with links: [Links.Link]) -> JSON {
        guard !links.isEmpty, var members = publicForm.object else { return publicForm }
        members["authProviders"] = .object(
            JSONObject(
                links.map { ($0.provider, ["id": .string($0.subject)]) }, uniquingKeysWith: { first, _ in first }))
        return .object(members)
    }
}
