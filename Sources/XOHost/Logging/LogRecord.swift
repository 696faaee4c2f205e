import FoundationEssentials
import Logging
import XOJSON

/// One line of the log.
struct LogRecord: Sendable {
    let level: Logging.Logger.Level
    /// `host`, or the instance id of a plugin.
    let source: String
    let message: String
    let fields: JSONObject
    var time = Date()

    var json: [UInt8] {
        var members: JSONObject = [
            "time": .string(timestamp), "level": .string(level.rawValue), "source": .string(source),
            "message": .string(message),
        ]
        for (key, value) in fields where members[key] == nil { members[key] = value }
        return JSON.object(members).serialized()
    }

    var text: [UInt8] {
        var line = "\(timestamp) \(level.rawValue.uppercased()) \(source): \(Self.printable(message))"
        for (key, value) in fields {
            line += " \(Self.printable(key))=" + (value.string.map(Self.quotedIfNeeded) ?? value.description)
        }
        return Array(line.utf8)
    }

    private var timestamp: String {
        time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Control characters could forge lines or move the reader's cursor.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if scalar.properties.generalCategory == .control {
                result += scalar.escaped(asASCII: false)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let needsQuotes = text.isEmpty || text.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0.isNewline }
        return printable(needsQuotes ? JSON.string(text).description : text)
    }
}
