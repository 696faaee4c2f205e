/// One connection that a transport has opened.
struct TransportSession: Sendable {
    /// Messages that were taken and not answered yet.
    var underWay = 0
    /// How many were.
    var answered = 0
    /// What was not taken when the host was busy: it has to come again, before anything else.
    var refused: [[UInt8]] = []
    /// Whether something has been answered since the host was busy.
    var mayGoOn = true
    /// Whether the transport has said that the connection is gone.
    var isClosed = false

    /// Takes as many of the messages as the host has room for; returns how many.
    ///
    /// - Parameter limit: how many may be under way.
    /// - Returns: and what is wrong with them, as the end of "It …"; `nil`: nothing.
    mutating func take(_ messages: [[UInt8]], limit: Int) -> (count: Int, complaint: String?) {
        var complaint: String?
        if !refused.isEmpty {
            if !mayGoOn {
                complaint = "hands messages over before one is answered, though the session was busy."
            } else if !messages.starts(with: refused.prefix(messages.count)) {
                complaint = "does not hand over again, first and in order, what was not taken of a busy session."
            }
        }
        let count = min(messages.count, max(0, limit - underWay))
        underWay += count
        let rest = Array(messages[count...])
        // Those that it has not handed over again yet are still to come.
        refused = rest + refused.dropFirst(messages.count)
        if !rest.isEmpty { mayGoOn = false }
        return (count, complaint)
    }

    /// One of those under way is answered.
    mutating func noteAnswer() {
        underWay -= 1
        answered += 1
        mayGoOn = true
    }
}
