import Dispatch

/// Signs people in by name and password.
///
/// It takes the same time whether a name exists or not, and whatever is wrong with the password.
final class Authenticator: Sendable {
    private let users: Users
    let throttle: Throttle
    private let unmatchableHash: String
    /// Each verification takes 64 MiB and a processor for a while. So a few at a time, the others wait: a flood of
    /// sign-ins takes neither all memory nor all processors. It also bounds how many tries pass the throttle
    /// before the first of them has failed.
    private let gate: DispatchSemaphore

    init(users: Users, throttle: Throttle = Throttle(), simultaneous: Int = 2) {
        self.users = users
        self.throttle = throttle
        unmatchableHash = users.passwords.unmatchable()
        gate = DispatchSemaphore(value: max(1, simultaneous))
    }

    /// The user of that name, if the password is right. Blocks the thread, usually for some tenths of a second.
    ///
    /// - Parameter address: the client's, for the throttle.
    /// - Throws: ``SignInError``; ``StoreError``, ``PasswordHashError`` if something is broken.
    func verify(name: String, password: String, address: String) throws -> User {
        try admit(name: name, password: password, address: address)
        guard let user = try localUser(name: name, password: password, address: address) else {
            failed(name: name, address: address)
            throw SignInError.invalidCredentials
        }
        succeeded(name: name, address: address)
        return user
    }

    /// Refuses what is not worth looking at, and who tries too often.
    func admit(name: String, password: String, address: String) throws(SignInError) {
        guard !password.isEmpty else { throw .emptyPassword }
        // A name has as many spellings as the throttle lets it have.
        guard SubjectName.problem(of: name) == nil, password.utf8.count <= PasswordHash.maximumPasswordSize,
            !password.utf8.contains(0)
        else { throw .impossible }
        guard throttle.admits(name: name, address: address) else { throw .tooFast }
    }

    /// The local user of that name, if the password is right. Takes as long for a name that does not exist, or has no
    /// password. Blocks the thread. The outcome is told by ``failed(name:address:)`` or ``succeeded(name:address:)``.
    ///
    /// - Parameter isLinked: the user belongs to a provider, so that no password counts here.
    func localUser(name: String, password: String, address: String, isLinked: Bool = false) throws -> User? {
        gate.wait()
        defer { gate.signal() }
        // Again: others may have failed while this one was waiting.
        guard throttle.admits(name: name, address: address) else { throw SignInError.tooFast }
        let credentials = try users.credentials(of: name)
        let hash = isLinked ? nil : credentials?.passwordHash
        let isRight = try users.passwords.verify(password, hash ?? unmatchableHash)
        guard let user = credentials?.user, let hash, isRight else { return nil }
        if users.passwords.needsRehash(hash) {
            try users.replaceHash(hash, with: try users.passwords.hash(password), of: user.id)
        }
        return user
    }

    func failed(name: String, address: String) { throttle.failed(name: name, address: address) }
    func succeeded(name: String, address: String) { throttle.succeeded(name: name, address: address) }
}

enum SignInError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The same for an unknown name, a wrong password and a user without one. Code 3 on the network, like the next ones.
    case invalidCredentials
    /// The password is right, and the user has a second factor.
    case codeMissing
    case invalidCode
    /// No provider could say who it is.
    case unavailable
    /// Nobody can have such a name or such a password.
    case impossible
    /// A plain error on the network, like the next.
    case tooFast
    case emptyPassword

    /// What clients are told.
    var description: String {
        switch self {
        case .invalidCredentials, .codeMissing, .invalidCode, .unavailable, .impossible: "invalid credentials"
        case .tooFast: "too fast authentication tries"
        case .emptyPassword: "empty password"
        }
    }

    /// For the log.
    var exactly: String {
        switch self {
        case .codeMissing: "the second factor is missing"
        case .invalidCode: "the second factor is wrong"
        case .unavailable: "a provider is not available"
        case .impossible: "nobody can have such a name or such a password"
        default: description
        }
    }

    /// Whether it counts as a guess. Also where no provider could be asked: else an outage would show which names are
    /// local, and let everybody guess at the passwords that are.
    var isWrongGuess: Bool { self == .invalidCredentials || self == .unavailable }

    /// Whether it was worth a look at all. Of the others there may be any number.
    var isAudited: Bool { self != .tooFast && self != .emptyPassword && self != .impossible }
}
