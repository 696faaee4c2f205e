import XOJSON

/// Why a record cannot be used.
struct BrokenRecord: Error, CustomStringConvertible {
    let className: String
    let ref: String
    let reason: String

    var description: String { "\(className) \(ref) is left out: \(reason)" }
}

extension RecordShape {
    /// Reads the record at which `scanner` stands, keeping the fields of this shape.
    ///
    /// A text that is not JSON throws; a record that is JSON but not usable is returned as a failure, so that its
    /// neighbours are still read.
    func read(
        ref: String, from scanner: inout JSONScanner, of bytes: UnsafeRawBufferPointer
    ) throws(JSONError) -> Result<Record, BrokenRecord> {
        guard scanner.peek() == UInt8(ascii: "{") else {
            let range = try scanner.skipValue()
            return broken(ref, "expected an object, found \(String(decoding: bytes[range].prefix(40), as: UTF8.self))")
        }
        var values = [Range<Int>?](repeating: nil, count: fields.count)
        var uuid: String?
        try scanner.forEachMember { (name, scanner) throws(JSONError) in
            let slot = try slot(of: name, in: scanner, bytes)
            let value = try scanner.skipValue()
            if let slot { values[slot] = value }
            if uuid == nil, bytes[name].elementsEqual("uuid".utf8) { uuid = RawJSON(ArraySlice(bytes[value])).string }
        }
        guard let uuid, !uuid.isEmpty else { return broken(ref, "expected a text as its uuid") }
        return .success(pack(ref: ref, uuid: uuid, values, of: bytes))
    }

    /// No text is made of the name, unless it has escapes.
    private func slot(
        of name: Range<Int>, in scanner: JSONScanner, _ bytes: UnsafeRawBufferPointer
    ) throws(JSONError) -> Int? {
        let text = UnsafeRawBufferPointer(rebasing: bytes[name])
        if text.contains(UInt8(ascii: "\\")) { return slot(of: try scanner.string(in: name)) }
        return slot(of: text)
    }

    private func pack(ref: String, uuid: String, _ values: [Range<Int>?], of bytes: UnsafeRawBufferPointer) -> Record {
        var text: [UInt8] = []
        text.reserveCapacity(values.reduce(0) { $0 + ($1?.count ?? 0) })
        var ends: [UInt32] = []
        ends.reserveCapacity(fields.count)
        for (reduction, range) in zip(reductions, values) {
            if let range {
                let value = UnsafeRawBufferPointer(rebasing: bytes[range])
                if let reduce = reduction {
                    reduce(RawJSON(ArraySlice(value))).write(to: &text)
                } else {
                    text.appendCompact(value)
                }
            }
            ends.append(UInt32(truncatingIfNeeded: text.count))
        }
        return Record(shape: self, ref: ref, uuid: uuid, text: text, ends: ends)
    }

    private func broken(_ ref: String, _ reason: String) -> Result<Record, BrokenRecord> {
        .failure(BrokenRecord(className: className, ref: ref, reason: reason))
    }
}

extension [UInt8] {
    /// Appends a JSON value without the white space between its parts.
    fileprivate mutating func appendCompact(_ value: UnsafeRawBufferPointer) {
        guard value.first == UInt8(ascii: "{") || value.first == UInt8(ascii: "["),
            value.contains(where: { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 })
        else { return append(contentsOf: value) }
        var isInString = false
        var isEscaped = false
        for byte in value {
            if isInString {
                append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else if byte > 0x20 {
                append(byte)
                isInString = byte == UInt8(ascii: "\"")
            }
        }
    }
}
