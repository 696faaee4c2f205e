import CXOPlugin
import XOJSON
import XOProtocol

/// The host's core table, which every instance has from the beginning.
struct CoreHost: @unchecked Sendable {
    // See HostTables for why the pointer may be shared.
    let pointer: UnsafePointer<xo_host>

    func complete(_ op: xo_op, _ status: xo_status, _ payload: [UInt8] = []) {
        _ = pointer.pointee.complete?(pointer.pointee.ctx, op, status, xo_buf(copying: payload))
    }

    func complete(_ op: xo_op, _ error: MethodError) {
        complete(op, .internal, error.json.serialized())
    }

    func isCancelled(_ op: xo_op) -> Bool {
        pointer.pointee.is_cancelled?(pointer.pointee.ctx, op) != 0
    }
}
