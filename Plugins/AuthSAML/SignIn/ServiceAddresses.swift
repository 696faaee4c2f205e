import XOPluginAPI

/// Addresses of ours, all made of the public address that the host names, never of what a request says.
struct ServiceAddresses {
    /// Where answers are posted to.
    let acs: String
    let entityID: String
    let logout: String

    init(_ place: AuthPlace, _ configuration: Configuration) {
        let suffix = "/callback"
        let own = place.callback.hasSuffix(suffix) ? String(place.callback.dropLast(suffix.count)) : place.callback
        acs = place.callback
        entityID = configuration.spEntityId ?? own + "/metadata"
        logout = own + "/logout"
    }
}
