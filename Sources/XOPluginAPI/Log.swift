import CXOPlugin
import XOJSON
import XOProtocol

/// Writes to the host's log, under the instance's name.
///
/// Messages are plain sentences; what varies goes into the fields, where it can be searched. Put no secret into either.
public struct Log: Sendable {
    public enum Level: Int32, Sendable {
        case trace, debug, info, warning, error
    }

    let core: CoreHost

    /// Whether a record of this level would be kept.
    public func isEnabled(_ level: Level) -> Bool {
        core.pointer.pointee.log_enabled?(core.pointer.pointee.ctx, level.rawValue) != 0
    }

    public func write(_ level: Level, _ message: @autoclosure () -> String, _ fields: @autoclosure () -> JSONObject) {
        guard isEnabled(level) else { return }
        let fields = fields()
        let text = fields.isEmpty ? [] : JSON.object(fields).serialized()
        message().withView { message in
            text.withUnsafeBytes { fields in
                var record = xo_log_record()
                record.struct_size = UInt32(MemoryLayout<xo_log_record>.size)
                record.level = level.rawValue
                record.message = message
                record.fields = xo_str(
                    ptr: fields.bindMemory(to: CChar.self).baseAddress, len: UInt64(fields.count))
                core.pointer.pointee.log?(core.pointer.pointee.ctx, &record)
            }
        }
    }

    public func trace(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> JSONObject = [:]) {
        write(.trace, message(), fields())
    }
    public func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> JSONObject = [:]) {
        write(.debug, message(), fields())
    }
    public func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> JSONObject = [:]) {
        write(.info, message(), fields())
    }
    public func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> JSONObject = [:]) {
        write(.warning, message(), fields())
    }
    public func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> JSONObject = [:]) {
        write(.error, message(), fields())
    }
}
