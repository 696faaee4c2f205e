import XOPluginAPI

/// Takes what the host has for clients and puts it where their event loops find it.
final class HostAnswers: TransportHandler {
    let sessions = Sessions()
    let requests = PendingRequests()

    func answer(_ session: SessionID, _ answers: Answers) { sessions[session]?.send(answers) }

    func deliver(_ receivers: UnsafeBufferPointer<SessionID>, payload: UnsafeRawBufferPointer) {
        let frame = Frame.make(.text, payload)
        for session in receivers { sessions[session]?.send(shared: frame) }
    }

    func kick(_ session: SessionID, reason: String) {
        sessions[session]?.close(.policyViolation, reason)
    }

    func respond(token: UInt64, _ response: HTTPResponse) {
        requests.complete(token, with: response)
    }
}
