/// Somebody of whom it is known who it is.
struct Identified: Sendable {
    /// The sign-in at a provider that it came of.
    struct Origin: Sendable, Hashable {
        let provider: String
        let subject: String
        /// The provider's name of the sign-in.
        let session: String?
    }

    let user: User
    /// `nil` for a local user's password and for a token of the host's.
    var origin: Origin?
    /// Milliseconds since 1970 at which it ends; `nil`: it does not.
    var expires: Int64?
}
