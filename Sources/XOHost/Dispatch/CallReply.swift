import Synchronization
import XOJSON
import XOProtocol

/// Where the answer to a call goes. The first answer counts; there is no second.
final class CallReply: Sendable {
    enum Outcome {
        /// JSON text, lent for the duration of the call; empty for "no result".
        case result(UnsafeRawBufferPointer)
        case failure(MethodError)
    }

    private let isAnswered = Atomic(false)
    private let deliver: @Sendable (Outcome) -> Void

    init(_ deliver: @escaping @Sendable (Outcome) -> Void) { self.deliver = deliver }

    func send(_ outcome: Outcome) {
        guard !isAnswered.exchange(true, ordering: .acquiringAndReleasing) else { return }
        deliver(outcome)
    }

    func fail(_ error: MethodError) { send(.failure(error)) }

    func succeed(_ text: [UInt8]) { text.withUnsafeBytes { send(.result($0)) } }
}
