import CXOPlugin
import XOProtocol

/// In what way a host answers what a transport brings in.
struct TransportPlan: Sendable {
    /// How many messages of a session may be under way.
    var limit = Int.max
    /// Whether messages are answered at all.
    var answers = true
    /// Whether sessions are opened.
    var opensSessions = true
    /// The answers to `listen`, in turn; the last of them from then on.
    var listening = [ListenAnswer.socket]
    /// The responses to requests, in turn.
    var responses = [Response(status: 404, body: Array("not found".utf8))]

    /// What becomes of a wish for a socket.
    enum ListenAnswer: Sendable {
        case socket
        /// A socket as well, but not before the test says so.
        case late
        case refusal(xo_status, detail: View)

        /// The reason in words, or what is no such thing.
        enum View: Sendable {
            case bytes([UInt8])
            /// So many bytes at NULL.
            case lie(UInt64)
        }
    }

    /// A response to a request.
    struct Response: Sendable {
        var status: UInt32
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
    }
}
