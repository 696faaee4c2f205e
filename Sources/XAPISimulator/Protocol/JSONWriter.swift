import XOJSON

/// Writes results as `/jsonrpc` answers them.
enum JSONWriter {
    static func write(_ reply: Reply, to output: inout [UInt8]) {
        switch reply {
        case .void: output.appendJSON("")
        case .value(let value, _): value.write(to: &output)
        case .record(let row): write(row, to: &output)
        case .records(let rows):
            write(list: rows, "{", "}", to: &output) { row, output in
                output.appendJSON(row.reference)
                output.append(UInt8(ascii: ":"))
                write(row, to: &output)
            }
        case .events(let batch): write(batch, to: &output)
        case .methodNames(let names): JSON(names).write(to: &output)
        }
    }

    private static func write(_ row: Row, to output: inout [UInt8]) {
        write(list: row.model.fields.indices, "{", "}", to: &output) { field, output in
            output.append(contentsOf: row.model.fields[field].jsonPrefix)
            row.values[field].write(to: &output)
        }
    }

    private static func write(_ batch: EventBatch, to output: inout [UInt8]) {
        output.append(contentsOf: "{\"events\":".utf8)
        write(list: batch.events, "[", "]", to: &output) { event, output in
            let header: JSONObject = [
                "id": .string(String(event.generation)), "timestamp": "0.0", "class": .string(event.className),
                "operation": .string(event.operation.rawValue), "ref": .string(event.reference),
            ]
            JSON.object(header).write(to: &output)
            guard let row = event.row else { return }
            output.removeLast()
            output.append(contentsOf: ",\"snapshot\":".utf8)
            write(row, to: &output)
            output.append(UInt8(ascii: "}"))
        }
        output.append(contentsOf: ",\"token\":".utf8)
        output.appendJSON(batch.token)
        output.append(contentsOf: ",\"valid_ref_counts\":".utf8)
        write(list: batch.counts, "{", "}", to: &output) { entry, output in
            output.appendJSON(entry.className)
            output.append(UInt8(ascii: ":"))
            output.appendJSON(Int64(entry.count))
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func write<Items: Collection>(
        list items: Items, _ open: Unicode.Scalar, _ close: Unicode.Scalar, to output: inout [UInt8],
        _ writeItem: (Items.Element, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: open))
        var isFirst = true
        for item in items {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            writeItem(item, &output)
        }
        output.append(UInt8(ascii: close))
    }
}
