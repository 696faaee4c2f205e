import CXOPlugin
import XOProtocol

/// Receives what a plugin says about the failure of a synchronous function.
final class ErrorSink {
    private var text: String?

    /// Lends the sink's C form for the duration of `body`.
    func lend(_ body: (UnsafePointer<xo_err>) -> xo_status) -> xo_status {
        var err = xo_err(
            struct_size: UInt32(MemoryLayout<xo_err>.size), reserved: 0,
            ctx: Unmanaged.passUnretained(self).toOpaque(),
            set: { context, _, message in
                guard let context else { return }
                let sink = Unmanaged<ErrorSink>.fromOpaque(context).takeUnretainedValue()
                sink.text = message.string ?? "(a message that is not UTF-8)"
            })
        return body(&err)
    }

    func message(for status: xo_status) -> String { text ?? StatusText.of(status) }
}
