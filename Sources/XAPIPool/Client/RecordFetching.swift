import XOJSON

extension XAPIClient {
    /// How many classes are fetched at a time: each may be many megabytes.
    private static let concurrency = 4

    /// Fetches all records of some classes. Classes that the server does not have are empty.
    func fetch(
        _ shapes: [RecordShape], timeout: Duration
    ) async throws -> (records: [Record], broken: [BrokenRecord]) {
        try await withThrowingTaskGroup(of: ([Record], [BrokenRecord]).self) { group in
            var waiting = shapes[...]
            func startNext() {
                guard let shape = waiting.popFirst() else { return }
                group.addTask {
                    do {
                        return try shape.readAll(
                            try await self.call("\(shape.className).get_all_records", timeout: timeout))
                    } catch let error as XAPIError where Self.meansMissing(error.code) {
                        return ([], [])
                    }
                }
            }
            for _ in 0..<Self.concurrency { startNext() }
            var records: [Record] = []
            var broken: [BrokenRecord] = []
            while let fetched = try await group.next() {
                records += fetched.0
                broken += fetched.1
                startNext()
            }
            return (records, broken)
        }
    }

    /// Servers older or newer than a class do not know it.
    private static func meansMissing(_ code: String) -> Bool {
        code == "MESSAGE_METHOD_UNKNOWN" || code == "MESSAGE_REMOVED"
    }
}
