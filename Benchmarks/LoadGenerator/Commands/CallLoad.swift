import XOJSON

/// Connections that are kept busy.
final class CallLoad {
    /// All ids have six digits, so that all requests and all answers have the same size.
    private static let firstID = 100_000
    private static let prefix = Array(#"{"id":"#.utf8)

    private let connections: [Connection]
    /// When the call of each slot was sent; slots of connection c begin at c × inFlight.
    private var sent: [Int64]
    private let inFlight: Int
    /// The requests of all slots, one behind the other.
    private let frames: [UInt8]
    private let frameSize: Int
    private var batch: [UInt8] = []
    private var answerSize = 0

    private(set) var latency = LatencyHistogram()
    private(set) var failures = 0
    /// The first answer, for people.
    private(set) var sample = ""

    init(connections: [Connection], inFlight: Int, method: String) throws {
        self.connections = connections
        self.inFlight = inFlight
        sent = [Int64](repeating: 0, count: connections.count * inFlight)
        frames = (0..<inFlight).flatMap { slot in
            let request: JSON = [
                "id": JSON(Self.firstID + slot), "jsonrpc": "2.0", "method": .string(method), "params": [:],
            ]
            return FrameWriter.text(request.serialized())
        }
        frameSize = frames.count / inFlight
        batch.reserveCapacity(frames.count)
    }

    /// Fills all slots.
    func start() throws {
        for (index, connection) in connections.enumerated() {
            let now = Time.now
            for slot in 0..<inFlight { sent[index * inFlight + slot] = now }
            try frames.withUnsafeBytes(connection.write)
        }
    }

    func run(until end: Int64) throws {
        var poller = try Poller()
        for (index, connection) in connections.enumerated() { try poller.add(connection.socket, index: index) }
        while Time.now < end {
            guard try poller.wait(milliseconds: 5000, { try serve($0) }) else {
                throw BenchError("no answer for 5 s")
            }
        }
    }

    /// Forgets what was measured.
    func reset() {
        latency = LatencyHistogram()
        failures = 0
    }

    /// Takes the answers of a connection, and sends the next requests in their place, all in one write.
    private func serve(_ index: Int) throws {
        let connection = connections[index]
        let now = Time.now
        batch.removeAll(keepingCapacity: true)
        try connection.drainOnce { answer in
            guard let slot = slot(of: answer) else { return }
            check(answer)
            latency.record(nanoseconds: now - sent[index * inFlight + slot])
            sent[index * inFlight + slot] = now
            batch.append(contentsOf: frames[(slot * frameSize)..<((slot + 1) * frameSize)])
        }
        if !batch.isEmpty { try batch.withUnsafeBytes(connection.write) }
    }

    /// The slot that an answer belongs to; `nil` for notifications.
    private func slot(of answer: UnsafeRawBufferPointer) -> Int? {
        let digits = Self.prefix.count..<(Self.prefix.count + 6)
        guard answer.count > digits.upperBound, answer.starts(with: Self.prefix) else { return nil }
        let id = digits.reduce(0) { $0 * 10 + Int(answer[$1]) - 48 }
        return (0..<inFlight).contains(id - Self.firstID) ? id - Self.firstID : nil
    }

    private func check(_ answer: UnsafeRawBufferPointer) {
        if answerSize == 0 {
            answerSize = answer.count
            sample = String(decoding: answer, as: UTF8.self)
        }
        if answer.count != answerSize { failures += 1 }
    }
}
