import XOJSON

/// Writes results as XML-RPC values in xapi's dialect: integers are untagged text, dates have no hyphens.
enum XMLWriter {
    static func write(_ reply: Reply, to output: inout [UInt8]) {
        switch reply {
        case .void: text("", to: &output)
        case .value(let value, let type): write(value, type, to: &output)
        case .record(let row): write(row, to: &output)
        case .records(let rows):
            structure(to: &output) { output in
                for row in rows { member(row.reference, to: &output) { write(row, to: &$0) } }
            }
        case .events(let batch): write(batch, to: &output)
        case .methodNames(let names): write(JSON(names), .set(.string), to: &output)
        }
    }

    static func write(_ value: JSON, _ type: ValueType, to output: inout [UInt8]) {
        switch (type, value) {
        case (.boolean, .bool(let flag)): tagged("boolean", flag ? "1" : "0", to: &output)
        case (.float, _): tagged("double", decimal(value.double ?? 0), to: &output)
        case (.date, .string(let date)): tagged("dateTime.iso8601", date, to: &output)
        case (.set(let element), .array(let elements)):
            array(to: &output) { output in
                for item in elements { write(item, element, to: &output) }
            }
        case (.map(_, let valueType), .object(let members)):
            structure(to: &output) { output in
                for (key, item) in members { member(key, to: &output) { write(item, valueType, to: &$0) } }
            }
        case (_, .string(let string)): text(string, to: &output)
        default: text(value.description, to: &output)
        }
    }

    /// `{Status: "Failure", ErrorDescription: […]}`
    static func write(_ failure: XAPIFailure, to output: inout [UInt8]) {
        structure(to: &output) { output in
            member("Status", to: &output) { text("Failure", to: &$0) }
            member("ErrorDescription", to: &output) {
                write(JSON([failure.code] + failure.parameters), .set(.string), to: &$0)
            }
        }
    }

    // MARK: Parts

    static func structure(to output: inout [UInt8], _ members: (inout [UInt8]) -> Void) {
        output.append(contentsOf: "<value><struct>".utf8)
        members(&output)
        output.append(contentsOf: "</struct></value>".utf8)
    }

    static func member(_ name: String, to output: inout [UInt8], _ value: (inout [UInt8]) -> Void) {
        output.append(contentsOf: "<member><name>".utf8)
        escaped(name, to: &output)
        output.append(contentsOf: "</name>".utf8)
        value(&output)
        output.append(contentsOf: "</member>".utf8)
    }

    static func text(_ string: String, to output: inout [UInt8]) {
        output.append(contentsOf: "<value>".utf8)
        escaped(string, to: &output)
        output.append(contentsOf: "</value>".utf8)
    }

    private static func array(to output: inout [UInt8], _ elements: (inout [UInt8]) -> Void) {
        output.append(contentsOf: "<value><array><data>".utf8)
        elements(&output)
        output.append(contentsOf: "</data></array></value>".utf8)
    }

    private static func tagged(_ tag: String, _ string: String, to output: inout [UInt8]) {
        output.append(contentsOf: "<value><\(tag)>".utf8)
        escaped(string, to: &output)
        output.append(contentsOf: "</\(tag)></value>".utf8)
    }

    private static func write(_ row: Row, to output: inout [UInt8]) {
        structure(to: &output) { output in
            for (field, value) in zip(row.model.fields, row.values) {
                output.append(contentsOf: field.xmlPrefix)
                write(value, field.type, to: &output)
                output.append(contentsOf: "</member>".utf8)
            }
        }
    }

    private static func write(_ batch: EventBatch, to output: inout [UInt8]) {
        structure(to: &output) { output in
            member("events", to: &output) { output in
                array(to: &output) { output in
                    for event in batch.events { write(event, to: &output) }
                }
            }
            member("token", to: &output) { text(batch.token, to: &$0) }
            member("valid_ref_counts", to: &output) { output in
                structure(to: &output) { output in
                    // The only place where xapi tags an integer.
                    for (name, count) in batch.counts {
                        member(name, to: &output) { tagged("i4", String(count), to: &$0) }
                    }
                }
            }
        }
    }

    private static func write(_ event: EventBatch.Event, to output: inout [UInt8]) {
        structure(to: &output) { output in
            member("id", to: &output) { text(String(event.generation), to: &$0) }
            member("timestamp", to: &output) { text("0.0", to: &$0) }
            member("class", to: &output) { text(event.className, to: &$0) }
            member("operation", to: &output) { text(event.operation.rawValue, to: &$0) }
            member("ref", to: &output) { text(event.reference, to: &$0) }
            if let row = event.row { member("snapshot", to: &output) { write(row, to: &$0) } }
        }
    }

    /// Whole numbers are written without a fraction.
    private static func decimal(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? number.description
    }

    private static func escaped(_ string: String, to output: inout [UInt8]) {
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "&"): output.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): output.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): output.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): output.append(contentsOf: "&quot;".utf8)
            // XML has no way to write the other control characters; xapi drops them, too.
            case 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F: break
            default: output.append(byte)
            }
        }
    }
}
