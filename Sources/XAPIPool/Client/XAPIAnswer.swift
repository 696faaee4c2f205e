import NIOCore
import XOJSON

/// The result of a call, still as text: results of many megabytes are read without building values.
struct XAPIAnswer: Sendable {
    private let body: ByteBuffer
    private let result: Range<Int>

    /// Looks for the result in a JSON-RPC answer.
    ///
    /// - Throws: ``XAPIError`` if the server answered with an error; ``PoolProblem/notUnderstood(_:)`` if the body is no
    ///   JSON-RPC answer.
    init(_ body: ByteBuffer, to method: String, _ arguments: [JSON]) throws {
        var result: Range<Int>?
        var failure: JSON = .null
        do {
            try Self.scan(body) { (scanner, bytes) throws(JSONError) in
                guard (try? UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span)) != nil else {
                    throw scanner.error("text that is not UTF-8")
                }
                try scanner.forEachMember { (name, scanner) throws(JSONError) in
                    switch try scanner.string(in: name) {
                    case "result": result = try scanner.skipValue()
                    case "error": failure = try scanner.parseValue()
                    default: _ = try scanner.skipValue()
                    }
                }
                try scanner.expectEnd()
            }
        } catch let error as JSONError {
            throw PoolProblem.notUnderstood("the answer to \(method) is no JSON-RPC answer: \(error)")
        }
        if !failure.isNull { throw try Self.error(failure, method, arguments) }
        guard let result else {
            throw PoolProblem.notUnderstood("the answer to \(method) has neither a result nor an error")
        }
        self.body = body
        self.result = result
    }

    /// The result as a value.
    var json: JSON {
        get throws {
            var value = JSON.null
            try scan { (scanner, _) throws(JSONError) in value = try scanner.parseValue() }
            return value
        }
    }

    /// Calls `read` with a scanner that stands before the result.
    ///
    /// - Throws: ``PoolProblem/notUnderstood(_:)`` for what `read` throws.
    func scan(_ read: (inout JSONScanner, UnsafeRawBufferPointer) throws(JSONError) -> Void) throws {
        do {
            try Self.scan(body) { (scanner, bytes) throws(JSONError) in
                scanner.move(to: result.lowerBound)
                try read(&scanner, bytes)
            }
        } catch let error as JSONError {
            throw PoolProblem.notUnderstood("an answer is not what it should be: \(error)")
        }
    }

    private static func scan(
        _ body: ByteBuffer, _ read: (inout JSONScanner, UnsafeRawBufferPointer) throws(JSONError) -> Void
    ) throws {
        try body.withUnsafeReadableBytes { bytes in
            var scanner = JSONScanner(bytes)
            try read(&scanner, bytes)
        }
    }

    /// Version 2.0 has an object with the code as its message; errors from before the dispatch are a list all the same.
    private static func error(_ failure: JSON, _ method: String, _ arguments: [JSON]) throws -> XAPIError {
        func text(_ value: JSON) -> String { value.string ?? value.description }
        var parts = failure.array?.map(text) ?? []
        if let message = failure["message"]?.string { parts = [message] + (failure["data"]?.array ?? []).map(text) }
        guard let code = parts.first else {
            throw PoolProblem.notUnderstood("the answer to \(method) has an error without a code")
        }
        return XAPIError(code: code, parameters: Array(parts.dropFirst()), method: method, arguments: arguments)
    }
}
