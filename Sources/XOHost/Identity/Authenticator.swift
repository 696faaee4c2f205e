import Dispatch

/// Signs people in by name and password.
///
/// It takes the same time whether a name exists or not, and whatever is wrong with the password.
final class Authenticator: Sendable {
    private let users: Users
    private let throttle: Throttle
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
        guard !password.isEmpty else { throw SignInError.emptyPassword }
        guard name.utf8.count <= Users.maximumNameSize, password.utf8.count <= PasswordHash.maximumPasswordSize else {
            throw SignInError.invalidCredentials
        }
        // Before the gate, so that those who are refused anyway need not queue.
        guard throttle.admits(name: name, address: address) else { throw SignInError.tooFast }
        gate.wait()
        defer { gate.signal() }
        guard throttle.admits(name: name, address: address) else { throw SignInError.tooFast }

        let credentials = try users.credentials(of: name)
        let hash = credentials?.passwordHash
        let isRight = try users.passwords.verify(password, hash ?? unmatchableHash)
        guard let user = credentials?.user, let hash, isRight else {
            throttle.failed(name: name, address: address)
            throw SignInError.invalidCredentials
        }
        throttle.succeeded(name: name, address: address)
        if users.passwords.needsRehash(hash) {
            try users.replaceHash(hash, with: try users.passwords.hash(password), of: user.id)
        }
        return user
    }
}

enum SignInError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The same for an unknown name, a wrong password and a user without one. Code 3 on the network.
    case invalidCredentials
    /// A plain error on the network, like the next.
    case tooFast
    case emptyPassword

    var description: String {
        switch self {
        case .invalidCredentials: "invalid credentials"
        case .tooFast: "too fast authentication tries"
        case .emptyPassword: "empty password"
        }
    }
}
