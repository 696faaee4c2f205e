import CXOPlugin
import XOJSON
import XOProtocol

/// A plugin that vouches for people; see `xo/auth.h` for the contract of each question.
///
/// Implement what ``AuthOffer`` promises. Called on threads of the host's choosing, several at once; may suspend, must not
/// block. Nobody waits longer than 30 s; then the task is cancelled.
public protocol AuthProvider: AnyObject, Sendable {
    /// Is it who they say?
    func authenticate(_ credentials: Credentials) async throws -> Voucher

    /// Where is a browser sent to sign in? `key` is to come back with it.
    func begin(_ place: AuthPlace, key: String) async throws -> AuthDestination

    /// The browser is back.
    ///
    /// - Parameter memory: what ``begin(_:key:)`` wanted kept; `nil` if nobody began it here.
    func finish(_ visit: AuthVisit, memory: JSON?) async throws -> Voucher

    /// Who are these now? In the same order.
    func lookUp(_ people: [AuthPerson]) async throws -> [AuthStanding]

    /// Where is a browser sent to sign out at the provider, too; `nil`: nowhere.
    func end(_ place: AuthPlace, subject: String, name: String, session: String?) async throws -> String?

    /// Another page below the provider's address, such as its metadata.
    ///
    /// - Parameter path: relative, such as `metadata`.
    func page(_ path: String, _ visit: AuthVisit) async throws -> AuthPage
}

extension AuthProvider {
    public func authenticate(_ credentials: Credentials) async throws -> Voucher { throw AuthRefusal.unsupported }
    public func begin(_ place: AuthPlace, key: String) async throws -> AuthDestination {
        throw AuthRefusal.unsupported
    }
    public func finish(_ visit: AuthVisit, memory: JSON?) async throws -> Voucher { throw AuthRefusal.unsupported }
    public func lookUp(_ people: [AuthPerson]) async throws -> [AuthStanding] { throw AuthRefusal.unsupported }
    public func end(_ place: AuthPlace, subject: String, name: String, session: String?) async throws -> String? {
        nil
    }
    public func page(_ path: String, _ visit: AuthVisit) async throws -> AuthPage { throw AuthRefusal.unsupported }
}

/// What a provider offers.
public struct AuthOffer: Sendable {
    /// For people, on the sign-in page.
    public var label: String
    /// What ``AuthProvider/authenticate(_:)`` takes.
    public var takesPasswords = false
    public var takesTokens = false
    /// It sends browsers elsewhere: the name of the callback's parameter that brings the key back, such as `state`.
    public var redirectKey: String?
    /// The callback may come without a key, begun at the other side.
    public var takesUnsolicited = false

    public init(label: String) { self.label = label }

    var json: JSON {
        var members: JSONObject = [
            "label": .string(label), "password": .bool(takesPasswords), "token": .bool(takesTokens),
            "unsolicited": .bool(takesUnsolicited),
        ]
        if let redirectKey { members["redirect"] = .string(redirectKey) }
        return .object(members)
    }
}

/// Why there is no voucher. The texts are for the log and the administrator, never for those who sign in.
public enum AuthRefusal: Error, Sendable, Hashable {
    /// Known here, and the proof is wrong or the person may not come in: nobody else is asked.
    case denied(String)
    /// Unknown here: the next provider is asked.
    case notMine
    /// Trouble, which says nothing of the person: the next provider is asked.
    case unavailable(String)
    case unsupported

    var status: xo_status {
        switch self {
        case .denied: .unauthenticated
        case .notMine: .notFound
        case .unavailable: .unavailable
        case .unsupported: .unsupported
        }
    }

    var message: String {
        switch self {
        case .denied(let text), .unavailable(let text): text
        case .notMine: "not known here"
        case .unsupported: "not offered"
        }
    }
}

/// What somebody proves who they are with.
public struct Credentials: Sendable {
    public enum Kind: Sendable, Hashable {
        case password, token
    }

    public let kind: Kind
    /// As it was typed; empty with a token.
    public let name: String
    /// UTF-8 without NUL, 1 to 4096 bytes.
    public let secret: Secret
    /// The client's numeric IP address, for the log.
    public let address: String
}

/// Addresses of the host and of the provider in it.
public struct AuthPlace: Sendable, Hashable {
    /// Under which people see the host, without a slash at its end.
    public let base: String
    /// Where ``AuthProvider/finish(_:memory:)`` answers.
    public let callback: String
}

/// Where a browser is sent, and what is kept for when it comes back: any JSON of at most 16 KiB.
public struct AuthDestination: Sendable {
    public var location: String
    public var memory: JSON

    public init(location: String, memory: JSON = nil) {
        self.location = location
        self.memory = memory
    }
}

/// What a browser brings.
public struct AuthVisit: Sendable {
    public let place: AuthPlace
    /// `GET` or `POST`.
    public let method: String
    /// As it came, without the question mark.
    public let query: String
    /// Those of the query and those of a form, decoded.
    public let parameters: [String: [String]]

    /// The value of a parameter that must be there once; `nil` if it is not, or is there several times.
    public func only(_ name: String) -> String? {
        let values = parameters[name] ?? []
        return values.count == 1 ? values[0] : nil
    }
}

/// Whom a provider is asked for.
public enum AuthPerson: Sendable, Hashable {
    case subject(String)
    case name(String)
}

/// What a provider says of one of whom it is asked.
public enum AuthStanding: Sendable {
    case present(Voucher)
    /// Gone, disabled or unknown: sessions and tokens here end.
    case gone
    /// Nothing can be said now: all stays as it is.
    case unclear

    var json: JSON {
        switch self {
        case .present(let voucher): voucher.json
        case .gone: .null
        case .unclear: [:]
        }
    }
}

/// A page of a provider.
public enum AuthPage: Sendable {
    case content(type: String, body: String, status: Int = 200)
    case redirect(to: String)
}
