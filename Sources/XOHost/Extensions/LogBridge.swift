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
