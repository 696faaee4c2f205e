import CXOPlugin
import Logging
import XOJSON
import XOProtocol

/// Takes log records of plugins into the host's log.
enum LogBridge {
    static func level(_ level: Int32) -> Logger.Level {
        switch Int(level) {
        case XO_LOG_TRACE: .trace
        case XO_LOG_DEBUG: .debug
        case XO_LOG_INFO: .info
        case XO_LOG_WARNING: .warning
        default: .error
        }
    }

    /// The least of the protocol's levels that is at least this one.
    static func code(_ level: Logger.Level) -> Int32 {
        switch level {
        case .trace: Int32(XO_LOG_TRACE)
        case .debug: Int32(XO_LOG_DEBUG)
        case .info: Int32(XO_LOG_INFO)
        case .notice, .warning: Int32(XO_LOG_WARNING)
        case .error, .critical: Int32(XO_LOG_ERROR)
        }
    }

    static func write(_ record: UnsafePointer<xo_log_record>, of instance: PluginInstance) {
        guard Int(record.pointee.struct_size) >= MemoryLayout<xo_log_record>.size else { return }
        let level = level(record.pointee.level)
        guard level >= instance.log.logLevel else { return }
        let message = record.pointee.message.string ?? "(a message that is not UTF-8)"
        var fields: JSONObject = [:]
        if record.pointee.fields.len > 0, record.pointee.fields.len < 1 << 20,
            let text = record.pointee.fields.string, let json = try? JSON(parsing: text)
        {
            fields = json.object ?? ["fields": json]
        }
        switch Int(record.pointee.level) {
        case XO_LOG_HOST_MISBEHAVING: fields["blames"] = "host"
        case XO_LOG_PLUGIN_MISBEHAVING: fields["blames"] = "plugin"
        default: break
        }
        instance.services.log.write(LogRecord(level: level, source: instance.id, message: message, fields: fields))
    }
}
