import XOJSON
import XOProtocol

/// JSON-RPC 2.0 between transports and the dispatcher: messages in, answers out, both as text.
struct JSONRPC: Sendable {
    static let maximumBatch = 1000

    let dispatcher: Dispatcher
    private let methods: [String: MethodDefinition]

    /// For the messages that are there now: which methods there are is looked up here, once.
    init(dispatcher: Dispatcher) {
        self.dispatcher = dispatcher
        methods = dispatcher.services.registry.snapshot
    }

    /// Carries out one message of a client. Exactly one answer goes to the session; it is empty if there is nothing to
    /// say. Called on the session's lane.
    ///
    /// - Parameter message: lent.
    func handle(_ message: UnsafeRawBufferPointer, of session: Session, token: UInt64) {
        let answer = JSONRPCAnswer.Destination.session(session, token: token)
        guard JSONText.isUTF8(message) else {
            answer.send(MethodError(code: -32700, message: "invalid JSON: not UTF-8"), id: nil)
            return
        }
        var scanner = JSONScanner(message)
        if scanner.peek() == UInt8(ascii: "[") {
            batch(message, of: session, token: token)
        } else {
            single(&scanner, message, of: session, answer)
        }
    }

    /// Carries out the message before which the scanner stands.
    private func single(
        _ scanner: inout JSONScanner, _ text: UnsafeRawBufferPointer, of session: Session,
        _ destination: JSONRPCAnswer.Destination
    ) {
        func string(_ range: Range<Int>) -> String {
            String(decoding: UnsafeRawBufferPointer(rebasing: text[range]), as: UTF8.self)
        }
        let message: JSONRPCMessage
        do throws(JSONRPCMessage.Problem) {
            message = try JSONRPCMessage(&scanner, text: text)
        } catch {
            switch error {
            case .notJSON(let error):
                destination.send(MethodError(code: -32700, message: "invalid JSON: \(error)"), id: nil)
            case .invalid(let reason, let id):
                destination.send(
                    MethodError(code: -32600, message: "invalid JSON-RPC request: \(reason)"), id: id.map(string))
            }
            return
        }
        guard message.kind == .request, let id = message.id else { return destination.sendNothing() }
        let params = message.params.map { UnsafeRawBufferPointer(rebasing: text[$0]) }
        let context = CallContext(
            principal: session.principal, session: session, isInternal: false, deadline: nil,
            parent: nil, depth: 0)
        let reply = CallReply(JSONRPCAnswer(destination: destination, id: string(id)))
        dispatcher.call(
            message.method, methods[message.method], params ?? .init(start: nil, count: 0), context, reply)
    }

    /// Carries out all messages of an array and answers with the array of their answers.
    private func batch(_ text: UnsafeRawBufferPointer, of session: Session, token: UInt64) {
        let answer = JSONRPCAnswer.Destination.session(session, token: token)
        var ranges: [Range<Int>] = []
        var scanner = JSONScanner(text)
        do throws(JSONError) {
            try scanner.forEachElement { (scanner) throws(JSONError) in
                ranges.append(try scanner.skipValue(depth: 1))
            }
            try scanner.expectEnd()
        } catch {
            answer.send(MethodError(code: -32700, message: "invalid JSON: \(error)"), id: nil)
            return
        }
        guard (1...JSONRPC.maximumBatch).contains(ranges.count) else {
            let reason = "invalid JSON-RPC request: a batch has 1 to \(JSONRPC.maximumBatch) messages"
            answer.send(MethodError(code: -32600, message: reason), id: nil)
            return
        }
        let batch = JSONRPCBatch(session, token: token, count: ranges.count)
        for range in ranges {
            let element = UnsafeRawBufferPointer(rebasing: text[range])
            var scanner = JSONScanner(element)
            single(&scanner, element, of: session, .batch(batch))
        }
    }
}
