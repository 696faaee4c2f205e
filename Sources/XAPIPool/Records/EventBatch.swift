import XOJSON

/// A record that came or went.
enum RecordChange: Sendable {
    case put(Record)
    case remove(ref: String)
}

/// An answer of `event.from`.
struct EventBatch: Sendable {
    /// Where the next poll goes on.
    let token: String
    let changes: [RecordChange]
    let broken: [BrokenRecord]
    /// How many records the server has, by class in lower case; what is missing here was missed.
    let counts: [String: Int]

    init(_ answer: XAPIAnswer) throws {
        var token: String?
        var changes: [RecordChange] = []
        var broken: [BrokenRecord] = []
        var counts: [String: Int] = [:]
        try answer.scan { (scanner, bytes) throws(JSONError) in
            try scanner.forEachMember { (name, scanner) throws(JSONError) in
                switch try scanner.string(in: name) {
                case "token": token = try scanner.parseValue().string
                case "valid_ref_counts":
                    for (name, count) in try scanner.parseValue().object ?? [:] {
                        counts[name] = count.integer.flatMap(Int.init(exactly:)) ?? count.string.flatMap { Int($0) }
                    }
                case "events":
                    try scanner.forEachElement { (scanner) throws(JSONError) in
                        switch try Self.readEvent(from: &scanner, of: bytes) {
                        case .success(let change?): changes.append(change)
                        case .success(nil): break
                        case .failure(let error): broken.append(error)
                        }
                    }
                default: _ = try scanner.skipValue()
                }
            }
        }
        guard let token else { throw PoolProblem.notUnderstood("event.from answered without a token") }
        self.token = token
        self.changes = changes
        self.broken = broken
        self.counts = counts
    }

    /// `nil` for events of classes that are of no interest.
    private static func readEvent(
        from scanner: inout JSONScanner, of bytes: UnsafeRawBufferPointer
    ) throws(JSONError) -> Result<RecordChange?, BrokenRecord> {
        var className = ""
        var operation = ""
        var ref = ""
        var snapshot: Int?
        try scanner.forEachMember { (name, scanner) throws(JSONError) in
            switch try scanner.string(in: name) {
            case "class": className = try scanner.parseValue().string ?? ""
            case "operation": operation = try scanner.parseValue().string ?? ""
            case "ref": ref = try scanner.parseValue().string ?? ""
            case "snapshot": snapshot = try scanner.skipValue().lowerBound
            default: _ = try scanner.skipValue()
            }
        }
        guard let shape = Classes.named(className)?.shape else { return .success(nil) }
        if operation == "del" { return .success(.remove(ref: ref)) }
        guard let snapshot else {
            return .failure(BrokenRecord(className: className, ref: ref, reason: "the event has no snapshot"))
        }
        var reader = scanner
        reader.move(to: snapshot)
        return try shape.read(ref: ref, from: &reader, of: bytes).map { .put($0) }
    }
}

extension RecordShape {
    /// Reads an answer of `get_all_records`.
    func readAll(_ answer: XAPIAnswer) throws -> (records: [Record], broken: [BrokenRecord]) {
        var records: [Record] = []
        var broken: [BrokenRecord] = []
        try answer.scan { (scanner, bytes) throws(JSONError) in
            try scanner.forEachMember { (name, scanner) throws(JSONError) in
                let ref = try scanner.string(in: name)
                switch try self.read(ref: ref, from: &scanner, of: bytes) {
                case .success(let record): records.append(record)
                case .failure(let error): broken.append(error)
                }
            }
        }
        return (records, broken)
    }
}
