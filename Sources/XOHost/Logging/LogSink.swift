import Logging
import Synchronization

/// Where all log records go. Level and format can be changed while the host runs.
final class LogSink: Sendable {
    private struct Settings {
        var level: Logger.Level
        var format: Configuration.LogFormat
    }

    private let settings: Mutex<Settings>

    init(level: Logger.Level, format: Configuration.LogFormat) {
        settings = Mutex(Settings(level: level, format: format))
    }

    var level: Logger.Level { settings.withLock { $0.level } }

    func change(level: Logger.Level, format: Configuration.LogFormat) {
        settings.withLock { $0 = Settings(level: level, format: format) }
    }

    func write(_ record: LogRecord) {
        let settings = settings.withLock { $0 }
        guard record.level >= settings.level else { return }
        var line = settings.format == .json ? record.json : record.text
        line.append(UInt8(ascii: "\n"))
        StandardError.write(line)
    }

    func logger(_ source: String) -> Logger {
        Logger(label: source) { LogBackEnd(label: $0, sink: self) }
    }
}
