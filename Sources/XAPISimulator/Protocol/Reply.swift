import XOJSON

/// The result of a call, before it is written as JSON or XML.
///
/// Records are written straight from the database: an answer with ten thousand of them is never built in between.
enum Reply {
    case void
    case value(JSON, ValueType)
    case record(Row)
    /// A map from reference to record.
    case records([Row])
    case events(EventBatch)
    /// `system.listMethods`, which XML-RPC answers without the usual structure around it.
    case methodNames([String])
}

/// The answer of `event.from`.
struct EventBatch {
    struct Event {
        enum Operation: String { case add, mod, del }

        let operation: Operation
        /// In lower case.
        let className: String
        let reference: String
        let generation: UInt64
        /// `nil` for a deletion.
        let row: Row?
    }

    let events: [Event]
    let token: String
    /// Number of objects by class, in lower case.
    let counts: [(className: String, count: Int)]
}
