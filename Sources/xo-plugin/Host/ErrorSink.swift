import CXOPlugin
import XOProtocol

/// What the plugin says of an error, for the duration of a call.
final class ErrorSink: @unchecked Sendable {
    // Unchecked: written in the lane, read once the call has returned.
    private var message = ""

    /// What it has said, with the status that the call returned; for people.
    func text(_ status: xo_status) -> String { message.isEmpty ? "status \(status)" : "status \(status), \(message)" }

    /// Lends a sink that leads here for one call.
    func lend(_ loan: Loan, _ host: CheckedHost, _ body: (UnsafePointer<xo_err>) -> xo_status) -> xo_status {
        let error = xo_err(
            struct_size: host.size(of: xo_err.self), reserved: 0, ctx: Unmanaged.passUnretained(self).toOpaque(),
            set: { context, _, message in
                guard let context, let text = message.string else { return }
                Unmanaged<ErrorSink>.fromOpaque(context).takeUnretainedValue().message = text
            })
        return body(loan.value(error, trailing: host.plan.trailing))
    }
}
