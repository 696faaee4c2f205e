import XOJSON

/// A JSON-RPC message, taken apart without building values: what is forwarded stays text.
///
/// Version 2.0, and 1.0 as older clients send it (no `jsonrpc`, `params` an array, a null `id` for notifications).
struct JSONRPCMessage {
    enum Kind {
        case request
        /// Not executed and not answered.
        case notification
        /// An answer; the host never asks, so it belongs to nothing.
        case response
    }

    let kind: Kind
    let method: String
    /// As it came: to be echoed exactly, whatever number it is.
    let id: Range<Int>?
    /// The value of `params`; `nil` if there is none.
    let params: Range<Int>?

    /// Why a text is no message.
    enum Problem: Error {
        case notJSON(JSONError)
        /// The reason, and the id if one could be made out.
        case invalid(String, id: Range<Int>?)
    }

    /// Reads one message; the scanner stands before it and is moved behind it.
    init(_ scanner: inout JSONScanner, text: UnsafeRawBufferPointer) throws(Problem) {
        let members: Members
        do throws(JSONError) {
            members = try Members(&scanner, text)
        } catch {
            throw .notJSON(error)
        }
        guard members.isObject else { throw .invalid("a message must be an object", id: nil) }
        func first(_ range: Range<Int>?) -> UInt8? { range.map { text[$0.lowerBound] } }

        let isVersion1 = members.version == nil
        if let version = members.version, UnsafeRawBufferPointer(rebasing: text[version]) != "\"2.0\"" {
            throw .invalid("jsonrpc must be \"2.0\"", id: nil)
        }
        let idByte = first(members.id)
        let hasID = idByte == UInt8(ascii: "\"") || idByte == UInt8(ascii: "-") || (0x30...0x39).contains(idByte ?? 0)
        guard members.id == nil || hasID || (isVersion1 && idByte == UInt8(ascii: "n")) else {
            throw .invalid("id must be a number or a string", id: nil)
        }
        id = hasID ? members.id : nil
        guard let method = members.method, first(method) == UInt8(ascii: "\"") else {
            guard members.isResponse else { throw .invalid("method must be a string", id: id) }
            (kind, self.method, params) = (.response, "", nil)
            return
        }
        if let byte = first(members.params), byte != UInt8(ascii: "["), byte != UInt8(ascii: "{") || isVersion1 {
            throw .invalid("params must be \(isVersion1 ? "an array" : "an object or an array")", id: id)
        }
        kind = hasID ? .request : .notification
        params = members.params
        do throws(JSONError) {
            self.method = try scanner.string(in: method.lowerBound + 1..<method.upperBound - 1)
        } catch {
            throw .notJSON(error)
        }
    }

    /// Where the members stand that mean something.
    private struct Members {
        var isObject = true
        var version: Range<Int>?
        var id: Range<Int>?
        var method: Range<Int>?
        var params: Range<Int>?
        var isResponse = false

        init(_ scanner: inout JSONScanner, _ text: UnsafeRawBufferPointer) throws(JSONError) {
            guard scanner.peek() == UInt8(ascii: "{") else {
                _ = try scanner.skipValue()
                isObject = false
                return
            }
            var members = self
            try scanner.forEachMember { (name, scanner) throws(JSONError) in
                let value = try scanner.skipValue(depth: 1)
                switch UnsafeRawBufferPointer(rebasing: text[name]) {
                case "jsonrpc": members.version = value
                case "id": members.id = value
                case "method": members.method = value
                case "params": members.params = value
                case "result", "error": members.isResponse = true
                default: break
                }
            }
            try scanner.expectEnd()
            self = members
        }
    }
}

/// Compares bytes with a word.
private func ~= (word: StaticString, bytes: UnsafeRawBufferPointer) -> Bool { bytes == word }

private func == (bytes: UnsafeRawBufferPointer, word: StaticString) -> Bool {
    bytes.count == word.utf8CodeUnitCount
        && bytes.elementsEqual(UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
}

private func != (bytes: UnsafeRawBufferPointer, word: StaticString) -> Bool { !(bytes == word) }
