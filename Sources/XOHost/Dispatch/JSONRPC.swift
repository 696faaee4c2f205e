import Synchronization
import XOJSON
import XOProtocol

/// JSON-RPC 2.0 between transports and the dispatcher: messages in, answers out, both as text.
struct JSONRPC: Sendable {
    static let maximumBatch = 1000

    let dispatcher: Dispatcher

    /// Carries out one message of a client. Exactly one answer goes to the session's transport; it is empty if there is
    /// nothing to say. Called on the session's lane.
    func handle(_ message: [UInt8], of session: Session, token: UInt64) {
        message.withUnsafeBytes { text in
            guard JSONText.isUTF8(text) else {
                let error = MethodError(code: -32700, message: "invalid JSON: not UTF-8")
                Answer(session: session, token: token).send(JSONRPC.failure(id: nil, error))
                return
            }
            var scanner = JSONScanner(text)
            if scanner.peek() == UInt8(ascii: "[") {
                batch(text, of: session, token: token)
            } else {
                let answer = Answer(session: session, token: token)
                single(&scanner, text, of: session, answer.send)
            }
        }
    }

    /// Carries out the message before which the scanner stands; `send` is called exactly once.
    private func single(
        _ scanner: inout JSONScanner, _ text: UnsafeRawBufferPointer, of session: Session,
        _ send: @escaping @Sendable ([UInt8]) -> Void
    ) {
        let message: JSONRPCMessage
        do throws(JSONRPCMessage.Problem) {
            message = try JSONRPCMessage(&scanner, text: text)
        } catch {
            switch error {
            case .notJSON(let error):
                send(JSONRPC.failure(id: nil, MethodError(code: -32700, message: "invalid JSON: \(error)")))
            case .invalid(let reason, let id):
                let id = id.map { [UInt8](text[$0]) }
                send(JSONRPC.failure(id: id, MethodError(code: -32600, message: "invalid JSON-RPC request: \(reason)")))
            }
            return
        }
        guard message.kind == .request, let idRange = message.id else {
            send([])
            return
        }
        let id = [UInt8](text[idRange])
        let params = message.params.map { UnsafeRawBufferPointer(rebasing: text[$0]) }
        let principal = dispatcher.principal(of: session)
        let context = CallContext(
            principal: principal, session: session, isInternal: false, deadline: nil, parent: nil, depth: 0)
        let reply = CallReply { outcome in
            switch outcome {
            case .result(let result): send(JSONRPC.success(id: id, result))
            case .failure(let error): send(JSONRPC.failure(id: id, error.shown(to: session.principal ?? principal)))
            }
        }
        dispatcher.call(message.method, params ?? .init(start: nil, count: 0), context, reply)
    }

    // MARK: Batches

    /// Carries out all messages of an array and answers with the array of their answers.
    private func batch(_ text: UnsafeRawBufferPointer, of session: Session, token: UInt64) {
        let answer = Answer(session: session, token: token)
        var ranges: [Range<Int>] = []
        var scanner = JSONScanner(text)
        do throws(JSONError) {
            try scanner.forEachElement { (scanner) throws(JSONError) in
                ranges.append(try scanner.skipValue(depth: 1))
            }
            try scanner.expectEnd()
        } catch {
            answer.send(JSONRPC.failure(id: nil, MethodError(code: -32700, message: "invalid JSON: \(error)")))
            return
        }
        guard (1...JSONRPC.maximumBatch).contains(ranges.count) else {
            let reason = "invalid JSON-RPC request: a batch has 1 to \(JSONRPC.maximumBatch) messages"
            answer.send(JSONRPC.failure(id: nil, MethodError(code: -32600, message: reason)))
            return
        }
        let collected = Mutex<(left: Int, answers: [[UInt8]])>((ranges.count, []))
        let box = Collected(collected)
        for range in ranges {
            let element = UnsafeRawBufferPointer(rebasing: text[range])
            var scanner = JSONScanner(element)
            single(&scanner, element, of: session) { text in
                if let all = box.add(text) { answer.send(all) }
            }
        }
    }

    /// Gathers the answers of a batch.
    private final class Collected: Sendable {
        private let state: Mutex<(left: Int, answers: [[UInt8]])>

        init(_ state: consuming Mutex<(left: Int, answers: [[UInt8]])>) { self.state = state }

        /// The whole array, once the last answer has come.
        func add(_ text: [UInt8]) -> [UInt8]? {
            state.withLock { state in
                if !text.isEmpty { state.answers.append(text) }
                state.left -= 1
                guard state.left == 0 else { return nil }
                guard !state.answers.isEmpty else { return [] }
                return [UInt8(ascii: "[")] + state.answers.joined(separator: [UInt8(ascii: ",")])
                    + [UInt8(ascii: "]")]
            }
        }
    }

    // MARK: Answers

    /// Brings an answer to the transport, on the session's lane: never from inside a function of a plugin.
    private struct Answer: Sendable {
        let session: Session
        let token: UInt64

        @Sendable func send(_ text: [UInt8]) { session.send(SessionAnswer(token: token, text: text)) }
    }

    private static func success(id: [UInt8], _ result: UnsafeRawBufferPointer) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(id.count + result.count + 40)
        text.append(contentsOf: #"{"id":"#.utf8)
        text.append(contentsOf: id)
        text.append(contentsOf: #","jsonrpc":"2.0","result":"#.utf8)
        if result.isEmpty { text.append(contentsOf: "true".utf8) } else { text.append(contentsOf: result) }
        text.append(UInt8(ascii: "}"))
        return text
    }

    private static func failure(id: [UInt8]?, _ error: MethodError) -> [UInt8] {
        var text = Array(#"{"error":"#.utf8)
        error.wireForm.write(to: &text)
        text.append(contentsOf: #","id":"#.utf8)
        text.append(contentsOf: id ?? Array("null".utf8))
        text.append(contentsOf: #","jsonrpc":"2.0"}"#.utf8)
        return text
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
