import CZlib
import TestSupport
import Testing
import XOJSON

/// `permessage-deflate` (RFC 7692).
@Suite struct CompressionTests {
    private static let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    private static let question = #"{"jsonrpc":"2.0","id":1,"method":"system.getVersion"}"#
    private static let answer = #"{"id":1,"jsonrpc":"2.0","result":"0.1"}"#

    @Test func bigAnswersAreCompressedForWhoCanInflate() async throws {
        try await withHost([.web(["compressionThreshold": 1000])]) { host in
            try await withConnection(to: host.url) { connection in
                let head = try await connection.upgrade(headers: CompressionTests.offer)
                #expect(head.contains("permessage-deflate"))
                #expect(try await connection.ask(CompressionTests.question) == CompressionTests.answer)

                try await connection.send(#"{"jsonrpc":"2.0","id":2,"method":"system.getMethodsInfo"}"#)
                guard case .compressed(let bytes) = try await connection.receiveFrame() else {
                    Issue.record("expected a compressed message")
                    return
                }
                let text = try CompressionTests.inflated(bytes)
                #expect(text.count > bytes.count)
                #expect(try JSON(parsing: text)["result"]?["session.signIn"] != nil)
            }
            try await withWebSocket(to: host.url) { socket in
                let text = try await socket.ask(#"{"jsonrpc":"2.0","id":2,"method":"system.getMethodsInfo"}"#)
                #expect(try JSON(parsing: text)["id"] == 2, "without the offer nothing is compressed")
            }
        }
    }

    @Test func compressedQuestionsAreUnderstood() async throws {
        try await withHost([.web()]) { host in
            try await withConnection(to: host.url) { connection in
                try await connection.upgrade(headers: CompressionTests.offer)
                let question = try CompressionTests.deflated(Array(CompressionTests.question.utf8))
                for _ in 1...3 {
                    try await connection.send(opcode: CompressionTests.compressedText, question)
                    #expect(try await connection.receiveText() == CompressionTests.answer)
                }
            }
        }
    }

    /// What is small on the wire may be huge in memory; and it may be nothing at all.
    @Test func bombsAndRubbishEndTheConnection() async throws {
        try await withHost([.web(["maximumMessageSize": 100_000])]) { host in
            let bomb = try CompressionTests.deflated([UInt8](repeating: 0x20, count: 50 << 20))
            #expect(bomb.count < 100_000)
            for (payload, expected) in [(bomb, 1009), ([0xFF, 0xFF, 0xFF], 1007)] {
                try await withConnection(to: host.url) { connection in
                    try await connection.upgrade(headers: CompressionTests.offer)
                    try await connection.send(opcode: CompressionTests.compressedText, payload)
                    guard case .close(let code, _) = try await connection.receiveFrame() else {
                        Issue.record("expected a close")
                        return
                    }
                    #expect(code == expected)
                }
            }
            // Compressed though it was not agreed on.
            try await withWebSocket(to: host.url) { socket in
                try await socket.send(opcode: CompressionTests.compressedText, [0])
                guard case .close(let code, _) = try await socket.receiveFrame() else {
                    Issue.record("expected a close")
                    return
                }
                #expect(code == 1002)
            }
        }
    }

    /// A text frame with the first reserved bit.
    private static let compressedText: UInt8 = 0x41
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    private static func deflated(_ bytes: [UInt8]) throws -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        try #require(
            deflateInit2_(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
                == Z_OK)
        defer { deflateEnd(&stream) }
        let output = run(&stream, bytes) { deflate(&$0, Z_SYNC_FLUSH) }
        return output.dropLast(tail.count)
    }

    private static func inflated(_ bytes: [UInt8]) throws -> [UInt8] {
        var stream = z_stream()
        try #require(inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { inflateEnd(&stream) }
        return run(&stream, bytes + tail) { inflate(&$0, Z_SYNC_FLUSH) }
    }

    private static func run(_ stream: inout z_stream, _ input: [UInt8], _ step: (inout z_stream) -> Int32) -> [UInt8] {
        var input = input
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        input.withUnsafeMutableBufferPointer { input in
            chunk.withUnsafeMutableBufferPointer { chunk in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                repeat {
                    stream.next_out = chunk.baseAddress
                    stream.avail_out = UInt32(chunk.count)
                    guard step(&stream) == Z_OK else { return }
                    output += chunk.dropLast(Int(stream.avail_out))
                } while stream.avail_out == 0
            }
        }
        return output
    }
}
