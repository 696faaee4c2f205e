import Glibc
import Logging
import XOJSON

/// Leads swift-log, which the host and its libraries log through, to the sink.
struct LogBackEnd: LogHandler {
    let label: String
    let sink: LogSink
    var metadata: Logger.Metadata = [:]

    var logLevel: Logger.Level {
        get { sink.level }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: JSONObject = [:]
        let all = metadata.merging(event.metadata ?? [:], uniquingKeysWith: { _, last in last })
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { fields[key] = .string("\(value)") }
        sink.write(LogRecord(level: event.level, source: label, message: "\(event.message)", fields: fields))
    }
}

enum StandardError {
    /// One write per line keeps the lines of several threads apart.
    static func write(_ line: [UInt8]) {
        line.withUnsafeBytes { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
