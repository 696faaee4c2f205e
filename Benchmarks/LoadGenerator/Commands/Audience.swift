import XOJSON

/// Sessions that wait to be told of a change.
final class Audience {
    private static let notification = Array(#""method":"all""#.utf8)

    let members: [Connection]
    private var poller: Poller
    /// By member: whether it knows of the present change.
    private var isTold: [Bool]
    private var waiting = 0

    private(set) var latency = LatencyHistogram()
    /// Notifications, of all members together, and their size.
    private(set) var deliveries = 0
    private(set) var bytes = 0

    init(_ members: [Connection]) throws {
        self.members = members
        isTold = [Bool](repeating: false, count: members.count)
        poller = try Poller()
        for (index, member) in members.enumerated() { try poller.add(member.socket, index: index) }
    }

    /// Forgets what was measured.
    func reset() {
        latency = LatencyHistogram()
        deliveries = 0
        bytes = 0
    }

    /// Sets the description of a VM, and waits until every member has been told and the call is answered.
    func change(_ machine: String, _ description: String) throws {
        let mark = Array("\"name_description\":\"\(description)\"".utf8)
        let request: JSON = [
            "id": "change", "jsonrpc": "2.0", "method": "vm.set",
            "params": ["id": .string(machine), "name_description": .string(description)],
        ]
        for index in isTold.indices { isTold[index] = false }
        waiting = members.count
        var isAnswered = false
        let sent = Time.now
        try members[0].send(request.description)
        while waiting > 0 || !isAnswered {
            let isReady = try poller.wait(milliseconds: 10_000) { index in
                try members[index].drain { message in
                    if message.starts(with: #"{"id":"change","jsonrpc":"2.0","result""#.utf8) {
                        isAnswered = true
                    } else if message.range(of: Self.notification) != nil {
                        note(message, mark, member: index, sent: sent)
                    } else {
                        throw BenchError("vm.set: \(String(decoding: message.prefix(400), as: UTF8.self))")
                    }
                }
            }
            if !isReady { throw BenchError("\(waiting) of \(members.count) sessions were not told within 10 s") }
        }
    }

    private func note(_ message: UnsafeRawBufferPointer, _ mark: [UInt8], member: Int, sent: Int64) {
        deliveries += 1
        bytes += message.count
        guard !isTold[member], message.range(of: mark) != nil else { return }
        isTold[member] = true
        waiting -= 1
        latency.record(nanoseconds: Time.now - sent)
    }
}
