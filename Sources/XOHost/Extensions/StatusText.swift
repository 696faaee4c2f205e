import CXOPlugin
import XOJSON
import XOProtocol

/// The protocol's status codes in words.
enum StatusText {
    static func of(_ status: xo_status) -> String {
        switch Int(status) {
        case XO_INVALID_ARGUMENT: "invalid argument"
        case XO_NOT_FOUND: "not found"
        case XO_ALREADY_EXISTS: "already exists"
        case XO_PERMISSION_DENIED: "permission denied"
        case XO_UNAUTHENTICATED: "unauthenticated"
        case XO_UNAVAILABLE: "unavailable"
        case XO_BUSY: "busy"
        case XO_CANCELLED: "cancelled"
        case XO_DEADLINE: "deadline passed"
        case XO_UNSUPPORTED: "unsupported"
        case XO_FAILED_PRECONDITION: "failed precondition"
        case XO_RESOURCE_EXHAUSTED: "resource exhausted"
        case XO_DATA_CORRUPT: "data corrupt"
        case XO_STALE_HANDLE: "stale handle"
        case XO_WRONG_STATE: "wrong state"
        case XO_INTERNAL: "internal error"
        default: "status \(status)"
        }
    }

    /// The message in the JSON error that came with the status, or the status itself.
    static func of(_ status: xo_status, _ payload: UnsafeRawBufferPointer) -> String {
        (try? JSON(parsing: payload))?["message"]?.string ?? of(status)
    }

    /// The error that a client sees for an operation that ended with `status` and this payload.
    static func error(_ status: xo_status, _ payload: UnsafeRawBufferPointer) -> MethodError {
        if !payload.isEmpty, let json = try? JSON(parsing: payload), json.object != nil {
            return MethodError(json: json)
        }
        switch Int(status) {
        case XO_PERMISSION_DENIED: return .unauthorized()
        case XO_UNAUTHENTICATED: return .invalidCredentials
        case XO_INVALID_ARGUMENT: return .invalidParameters()
        case XO_UNSUPPORTED: return .notImplemented
        default: return .failed(of(status))
        }
    }
}
