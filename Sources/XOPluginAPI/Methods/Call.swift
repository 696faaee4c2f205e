import CXOPlugin
import Glibc
import XOJSON
import XOProtocol

/// Who a call is made for.
public struct Caller: Sendable, Decodable {
    /// `nil` for the host itself and for plugins acting in their own name.
    public let id: String?
    public let name: String
    public let permission: Permission
    /// Where the client's connection comes from.
    public let address: String?
}

/// One call of a method.
public struct Call: Sendable {
    /// Whether the host or a plugin calls, rather than a client.
    public let isInternal: Bool
    /// Names this call in logs, across plugins.
    public let traceID: (UInt64, UInt64)
    let op: xo_op
    private let deadlineNanoseconds: UInt64
    // Text until somebody asks: most handlers look at neither.
    private let callerText: [UInt8]
    private let objectText: [UInt8]

    init(op: xo_op, _ call: UnsafePointer<xo_call>) {
        self.op = op
        callerText = Array(call.pointee.caller.buffer)
        objectText = Array(call.pointee.objects.buffer)
        deadlineNanoseconds = call.pointee.deadline_ns
        isInternal = call.pointee.flags & UInt32(XO_CALL_INTERNAL) != 0
        traceID = (call.pointee.trace_high, call.pointee.trace_low)
    }

    /// Who calls. Read from text each time: keep it if you need it more than once.
    public var caller: Caller {
        (try? JSON(parsing: callerText).decoded())
            ?? Caller(id: nil, name: "", permission: .public, address: nil)
    }

    /// The record of the object that `parameter` names, as it stands in the inventory; `nil` if the parameter was not
    /// given. Read from text each time.
    public func object(_ parameter: String) -> JSON? { (try? JSON(parsing: objectText))?[parameter] }

    /// How long the caller still waits; `nil` if there is no deadline.
    public var timeLeft: Duration? {
        guard deadlineNanoseconds != 0 else { return nil }
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return .nanoseconds(Int64(clamping: deadlineNanoseconds))
            - .nanoseconds(Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
    }
}
