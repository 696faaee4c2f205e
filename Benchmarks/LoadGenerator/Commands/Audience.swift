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

    /// Sets the description of a VM, and waits until the first `told` members know and the call is answered.
    func change(_ machine: String, _ description: String, told: Int) throws {
        try change(
            "vm.set", ["id": .string(machine), "name_description": .string(description)],
            mark: "\"name_description\":\"\(description)\"", tells: 0..<told)
    }

    /// Makes a call, and waits until these members have been told what holds `mark`, and the call is answered. The first
    /// member makes it.
    func change(_ method: String, _ parameters: JSON, mark: String, tells told: Range<Int>) throws {
        let mark = Array(mark.utf8)
        let request: JSON = ["id": "change", "jsonrpc": "2.0", "method": .string(method), "params": parameters]
        for index in isTold.indices { isTold[index] = !told.contains(index) }
        waiting = told.count
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
                        throw BenchError("\(method): \(String(decoding: message.prefix(400), as: UTF8.self))")
                    }
                }
            }
            if !isReady { throw BenchError("\(waiting) of \(told.count) sessions were not told within 10 s") }
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
