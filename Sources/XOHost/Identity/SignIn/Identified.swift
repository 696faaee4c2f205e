/// Somebody of whom it is known who it is.
struct Identified: Sendable {
    /// The sign-in at a provider that it came of.
    struct Origin: Sendable, Hashable {
        let provider: String
        let subject: String
        /// The provider's name of the sign-in.
        let session: String?
        /// Milliseconds since 1970: nothing that comes of it may last longer; `nil`: there is no end.
        var expires: Int64?
    }

    let user: User
    /// `nil` for a local user's password and for a token of the host's.
    var origin: Origin?
    /// Milliseconds since 1970 at which it ends; `nil`: it does not.
    var expires: Int64?
    /// When it was found out, in nanoseconds of ``Clock``: what a provider has revoked since does not come in.
    var vouchedAt = Clock.now
}
