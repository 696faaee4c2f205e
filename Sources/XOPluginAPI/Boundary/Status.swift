import CXOPlugin
import XOProtocol

/// The host refused a request at the boundary itself.
public struct HostError: Error, Sendable, CustomStringConvertible {
    /// The protocol's status, below zero; see `xo/base.h`.
    public let status: Int32
    /// What was asked for.
    public let operation: String

    /// Somebody else changed it meanwhile; read again and decide anew.
    public var isConflict: Bool { Int(status) == XO_FAILED_PRECONDITION }

    public var description: String { "the host refused \(operation): \(reason)" }

    private var reason: String {
        switch Int(status) {
        case XO_INVALID_ARGUMENT: "invalid argument"
        case XO_NOT_FOUND: "not found"
        case XO_ALREADY_EXISTS: "already exists"
        case XO_PERMISSION_DENIED:
            "permission denied; in its own name a plugin may call with \"calls.as-service\" among its grants in "
                + "plugins.json"
        case XO_UNAVAILABLE: "unavailable, try again later"
        case XO_BUSY: "too much is under way"
        case XO_UNSUPPORTED: "this host does not offer it"
        case XO_FAILED_PRECONDITION: "it was changed meanwhile"
        case XO_RESOURCE_EXHAUSTED: "a limit is reached"
        case XO_STALE_HANDLE: "it is gone already"
        case XO_WRONG_STATE: "not in this state of the plugin's life"
        default: "status \(status)"
        }
    }
}

extension xo_status {
    /// Throws if this is an error.
    func check(_ operation: @autoclosure () -> String) throws(HostError) {
        if self < 0 { throw HostError(status: self, operation: operation()) }
    }
}
