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

    private enum Receiver {
        case client(JSONRPCAnswer)
        case function(@Sendable (Outcome) -> Void)
    }

    private let isAnswered = Atomic(false)
    private let receiver: Receiver

    init(_ deliver: @escaping @Sendable (Outcome) -> Void) { receiver = .function(deliver) }

    /// The common case, which costs one allocation less.
    init(_ answer: JSONRPCAnswer) { receiver = .client(answer) }

    func send(_ outcome: Outcome) {
        guard !isAnswered.exchange(true, ordering: .acquiringAndReleasing) else { return }
        switch receiver {
        case .client(let answer): answer.send(outcome)
        case .function(let deliver): deliver(outcome)
        }
    }

    func fail(_ error: MethodError) { send(.failure(error)) }

    func succeed(_ text: [UInt8]) { text.withUnsafeBytes { send(.result($0)) } }
}
