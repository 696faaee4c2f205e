import CZlib

/// DEFLATE (RFC 1951) without a header, as the redirect binding has it.
enum RawDeflate {
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard
            deflateInit2_(
                &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        return run(&stream, bytes, limit: Int(deflateBound(&stream, UInt(bytes.count)))) { deflate(&$0, Z_FINISH) }
    }

    /// - Returns: `nil` if the input is not whole, not DEFLATE, or has something behind its end, or if there would be more
    ///   than `limit` bytes.
    static func decompress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        return run(&stream, bytes, limit: limit) { inflate(&$0, Z_FINISH) }
    }

    /// One step from the whole input to the whole output.
    private static func run(
        _ stream: inout z_stream, _ input: [UInt8], limit: Int, _ step: (inout z_stream) -> Int32
    ) -> [UInt8]? {
        var input = input
        return input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            var isWhole = false
            let output = [UInt8](unsafeUninitializedCapacity: limit) { output, count in
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                isWhole = step(&stream) == Z_STREAM_END && stream.avail_in == 0
                count = output.count - Int(stream.avail_out)
            }
            return isWhole ? output : nil
        }
    }
}
