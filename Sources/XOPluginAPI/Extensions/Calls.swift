import CXOPlugin
import Glibc
import Synchronization
import XOJSON
import XOProtocol

/// Calling methods of the host and of other plugins.
public final class Calls: Sendable {
    private let tables: HostTables
    private let pending = Pending<JSON>()

    init(tables: HostTables) { self.tables = tables }

    /// Calls `method` and returns its result.
    ///
    /// - Parameters:
    ///   - call: the call being served, whose caller's rights then apply. Without it the plugin calls in its own name,
    ///     which needs the grant `calls.as-service` in `plugins.json`.
    ///   - timeout: after which the call fails.
    /// - Throws: `MethodError` as the method reported it, `HostError` if the host refused to call. If the task is
    ///   cancelled, so is the call.
    public func call(
        _ method: String, _ parameters: JSON = [:], for call: Call? = nil, timeout: Duration? = nil
    ) async throws -> JSON {
        let text = parameters.serialized()
        let deadline = timeout.map(Calls.deadline) ?? 0
        let started = Mutex((op: xo_op(id: 0), isCancelled: false))
        return try await withTaskCancellationHandler {
            try await pending.answer(to: "the call of \(method)") { token in
                method.withView { method in
                    text.withView { parameters in
                        var options = xo_call_options(
                            struct_size: UInt32(MemoryLayout<xo_call_options>.size), reserved: 0,
                            on_behalf_of: call?.op ?? xo_op(id: 0), deadline_ns: deadline)
                        var op = xo_op()
                        let status = tables.calls?.slot(\.call)?(context, method, parameters, &options, token, &op)
                        let isCancelled = started.withLock { started in
                            started.op = op
                            return started.isCancelled
                        }
                        if isCancelled { cancel(op) }
                        return status
                    }
                }
            }
        } onCancel: {
            // The call may not have been made yet.
            cancel(
                started.withLock { started in
                    started.isCancelled = true
                    return started.op
                })
        }
    }

    private func cancel(_ op: xo_op) {
        if op.id != 0 { tables.calls?.slot(\.cancel)?(context, op) }
    }

    private var context: UnsafeMutableRawPointer? { tables.calls?.slot(\.ctx) }

    func abandon() { pending.abandon() }

    func receive(_ token: UInt64, _ status: xo_status, _ payload: UnsafeRawBufferPointer) {
        let value = payload.isEmpty ? JSON.bool(true) : (try? JSON(parsing: payload)) ?? .null
        pending.resume(token, with: status >= 0 ? .success(value) : .failure(MethodError(json: value)))
    }

    private static func deadline(after timeout: Duration) -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        // More than a century is only told as a century.
        let (seconds, attoseconds) = min(max(timeout, .zero), .seconds(1 << 32)).components
        let nanoseconds = Int64(now.tv_nsec) + attoseconds / 1_000_000_000
        return UInt64(clamping: (Int64(now.tv_sec) + seconds) * 1_000_000_000 + nanoseconds)
    }
}
