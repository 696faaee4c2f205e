/// Why a connection is closed (RFC 6455, 7.4).
struct CloseCode: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt16

    static let goingAway = CloseCode(rawValue: 1001)
    static let protocolError = CloseCode(rawValue: 1002)
    static let invalidText = CloseCode(rawValue: 1007)
    static let policyViolation = CloseCode(rawValue: 1008)
    static let messageTooBig = CloseCode(rawValue: 1009)
    /// Registered with IANA after the RFC: the server cannot go on with this client for now.
    static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether a peer may send this code. 1004, 1005, 1006 and 1015 are never sent.
    var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// A client broke the protocol, or a limit: how its connection ends.
struct WebSocketViolation: Error {
    let code: CloseCode
    let reason: String
}
