import Synchronization
import XOJSON
import XOProtocol

/// The answer to one request of a client: its id, and where it goes.
struct JSONRPCAnswer: Sendable {
    enum Destination: Sendable {
        case session(Session, token: UInt64)
        case batch(JSONRPCBatch)
    }

    let destination: Destination
    /// As it came, JSON text. (A string: short ones, as nearly all are, need no memory of their own.)
    let id: String

    func send(_ outcome: CallReply.Outcome) {
        switch outcome {
        case .result(let result):
            destination.send(size: id.utf8.count + result.count + 40) { text in
                text.append(contentsOf: #"{"id":"#.utf8)
                text.append(contentsOf: id.utf8)
                text.append(contentsOf: #","jsonrpc":"2.0","result":"#.utf8)
                if result.isEmpty { text.append(contentsOf: "true".utf8) } else { text.append(contentsOf: result) }
                text.append(UInt8(ascii: "}"))
            }
        case .failure(let error):
            destination.send(error.shown(to: destination.session.principal), id: id)
        }
    }
}

extension JSONRPCAnswer.Destination {
    var session: Session {
        switch self {
        case .session(let session, _): session
        case .batch(let batch): batch.session
        }
    }

    /// Sends what `write` appends.
    ///
    /// - Parameter size: about how many bytes that is.
    func send(size: Int, _ write: (inout [UInt8]) -> Void) {
        switch self {
        case .session(let session, let token): session.answer(token, size: size, write)
        case .batch(let batch):
            var text: [UInt8] = []
            text.reserveCapacity(size)
            write(&text)
            batch.add(text)
        }
    }

    /// There is nothing to say.
    func sendNothing() {
        switch self {
        case .session(let session, let token): session.answer(token, size: 0) { _ in }
        case .batch(let batch): batch.add([])
        }
    }

    func send(_ error: MethodError, id: String?) {
        send(size: 200) { text in
            text.append(contentsOf: #"{"error":"#.utf8)
            error.wireForm.write(to: &text)
            text.append(contentsOf: #","id":"#.utf8)
            text.append(contentsOf: (id ?? "null").utf8)
            text.append(contentsOf: #","jsonrpc":"2.0"}"#.utf8)
        }
    }
}

/// Gathers the answers of an array of messages, which leave as an array when the last one is there.
final class JSONRPCBatch: Sendable {
    let session: Session
    private let token: UInt64
    private let state: Mutex<(left: Int, answers: [[UInt8]])>

    init(_ session: Session, token: UInt64, count: Int) {
        self.session = session
        self.token = token
        state = Mutex((count, []))
    }

    /// Takes the next answer; an empty one does not appear.
    func add(_ text: [UInt8]) {
        let answers = state.withLock { state -> [[UInt8]]? in
            if !text.isEmpty { state.answers.append(text) }
            state.left -= 1
            return state.left == 0 ? state.answers : nil
        }
        guard let answers else { return }
        session.answer(token, size: answers.reduce(2) { $0 + $1.count + 1 }) { text in
            guard !answers.isEmpty else { return }
            text.append(UInt8(ascii: "["))
            text.append(contentsOf: answers.joined(separator: [UInt8(ascii: ",")]))
            text.append(UInt8(ascii: "]"))
        }
    }
}

extension MethodError {
    /// Internal errors may hold what is not for everybody: others than administrators learn only that there was one.
    func shown(to principal: Principal?) -> MethodError {
        guard code == MethodError.internalCode, principal?.permission != .admin else { return self }
        return .failed("unknown error from the peer")
    }

    /// In the order of the network contract.
    var wireForm: JSON {
        var members: JSONObject = ["message": .string(message), "code": JSON(code)]
        if let data { members["data"] = data }
        return .object(members)
    }
}
