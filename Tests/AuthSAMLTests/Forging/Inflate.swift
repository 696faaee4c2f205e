import CZlib
import Foundation

/// DEFLATE without a header, by zlib.
enum Inflate {
    static func text(_ data: Data) throws -> String {
        var stream = z_stream()
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw ProviderHost.Failure(description: "zlib")
        }
        defer { inflateEnd(&stream) }
        return String(decoding: try run(&stream, data) { inflate(&$0, Z_FINISH) }, as: UTF8.self)
    }

    static func deflated(_ text: String) throws -> Data {
        var stream = z_stream()
        guard
            deflateInit2_(&stream, 9, Z_DEFLATED, -15, 8, 0, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw ProviderHost.Failure(description: "zlib") }
        defer { deflateEnd(&stream) }
        return Data(try run(&stream, Data(text.utf8)) { deflate(&$0, Z_FINISH) })
    }

    private static func run(
        _ stream: inout z_stream, _ data: Data, _ step: (inout z_stream) -> Int32
    ) throws -> [UInt8] {
        var input = Array(data)
        var output = [UInt8](repeating: 0, count: 1 << 20)
        let count = try input.withUnsafeMutableBufferPointer { input in
            try output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                guard step(&stream) == Z_STREAM_END else { throw ProviderHost.Failure(description: "not DEFLATE") }
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(output.prefix(count))
    }
}
