import XOJSON
import XOProtocol

extension HostMethods {
    /// Second factors and links to providers. Setting and removing a secret is `user.set` with the preference `otp`, as
    /// Xen Orchestra's clients do it; what is here goes beyond the network contract, but for `user.removeAuthProvider`.
    static func secondFactors(_ services: Services) throws -> [MethodDefinition] {
        [
            try method(
                "user.createRecoveryCodes",
                "Makes codes for when the authenticator app is lost, each good for one sign-in. Older ones end.",
                .signedIn
            ) { call in
                let user = try call.signedInUser()
                return call.background {
                    guard let codes = try services.secondFactors.makeRecoveryCodes(of: user.id) else {
                        throw MethodError.failed("there is no second factor that they could stand in for")
                    }
                    return JSON(codes)
                }
            },
            try method(
                "user.addAuthProvider",
                "Links a user to a person of a provider, who from then on comes in as this user.",
                .atLeast(.admin),
                ["id": ["type": "string"], "authProvider": ["type": "string"], "subject": ["type": "string"]]
            ) { call in
                let (id, provider, subject) = (
                    call.parameters["id"]?.string ?? "", call.parameters["authProvider"]?.string ?? "",
                    call.parameters["subject"]?.string ?? ""
                )
                guard provider.isStorable, subject.isStorable, subject.utf8.count <= Voucher.maximumSubjectSize else {
                    throw MethodError.invalidParameters("invalid parameters: no provider has somebody of that name")
                }
                return call.background {
                    guard try services.users.find(id: id) != nil else {
                        throw MethodError.noSuchObject(id: id, type: "user")
                    }
                    if let link = try services.links.find(provider: provider, subject: subject), link.userID != id {
                        throw MethodError.objectAlreadyExists(objectID: link.userID, objectType: "user")
                    }
                    try services.links.set(provider: provider, subject: subject, userID: id)
                    return nil
                }
            },
            try method(
                "user.removeAuthProvider", "Ends a link to a provider.", .atLeast(.admin),
                ["id": ["type": "string"], "authProvider": ["type": "string"]]
            ) { call in
                let (id, provider) = (
                    call.parameters["id"]?.string ?? "", call.parameters["authProvider"]?.string ?? ""
                )
                let isOwn = call.principal?.user?.id == id
                guard provider.isStorable else { throw MethodError.noSuchObject(id: provider, type: "authProvider") }
                return call.background {
                    guard let user = try services.users.find(id: id) else {
                        throw MethodError.noSuchObject(id: id, type: "user")
                    }
                    let links = try services.links.ofUser(id)
                    let hasPassword = try services.users.credentials(of: user.name)?.passwordHash != nil
                    if isOwn, !hasPassword, links.allSatisfy({ $0.provider == provider }) {
                        throw MethodError.failed(
                            "nothing would be left to sign in with; set a password first: xo-host user passwd")
                    }
                    guard try services.links.remove(provider: provider, ofUser: id) else {
                        throw MethodError.noSuchObject(id: provider, type: "authProvider")
                    }
                    for link in links where link.provider == provider {
                        services.revoke(subject: link.subject, session: nil, of: provider)
                    }
                    try services.renew(userID: id)
                    return nil
                }
            },
        ]
    }
}
