import CXOPlugin
import XOProtocol

/// The answer to one message of a client, as text; empty if there is nothing to say.
struct SessionAnswer: Sendable {
    /// The transport's name for the message.
    let token: UInt64
    let text: [UInt8]
}

extension Session {
    /// Brings an answer to the transport, in the session's lane: never from inside a function of a plugin.
    ///
    /// Answers that are ready together are handed over together, so that the transport can send them with one write.
    func send(_ answer: SessionAnswer) {
        guard queueAnswer(answer) else { return }
        lane.run { [self] in
            let answers = takeAnswers()
            transport.call { [self] tables in
                guard !isClosed else { return }
                for (index, answer) in answers.enumerated() {
                    let flags = index + 1 < answers.count ? UInt32(XO_REPLY_MORE) : 0
                    answer.text.withView {
                        tables.transport?.onReply(tables.data, xo_session(id: handle), answer.token, $0, flags)
                    }
                }
            }
        }
    }
    /// Has the connection closed.
    func kick(_ reason: String) {
        lane.run { [self] in
            transport.call { [self] tables in
                guard !isClosed else { return }
                reason.withView { tables.transport?.kick(tables.data, xo_session(id: handle), $0) }
            }
        }
    }
}
