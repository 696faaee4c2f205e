import CZlib
import NIO

/// Compresses and restores single messages as `permessage-deflate` has them (RFC 7692, 7.2): raw deflate, whose last
/// four bytes (an empty block, 00 00 FF FF) are left out.
enum Deflate {
    enum InflateError: Error {
        case tooBig
        case malformed
    }

    private static let tail: [UInt8] = [0x00, 0x00, 0xff, 0xff]
    private static let chunk = 65_536

    /// Returns `nil` if the library refuses, or if compressing does not pay.
    static func compress(_ payload: ByteBuffer) -> ByteBuffer? {
        guard payload.readableBytes <= Int(UInt32.max) else { return nil }
        var stream = z_stream()
        // The fastest level: on a server with many clients the processor is scarcer than the last ten percent.
        let size = Int32(MemoryLayout<z_stream>.size)
        guard deflateInit2_(&stream, Z_BEST_SPEED, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }

        var output = ByteBuffer()
        let isComplete = payload.withUnsafeReadableBytes { input in
            feed(input, to: &stream)
            repeat {
                guard output.readableBytes < input.count else { return false }
                write(&output, &stream) { deflate($0, Z_SYNC_FLUSH) }
            } while stream.avail_out == 0
            return stream.avail_in == 0
        }
        guard isComplete, output.readableBytes >= tail.count else { return nil }
        output.moveWriterIndex(to: output.writerIndex - tail.count)
        return output
    }

    /// Restores a message. Never takes more memory than `limit` and one chunk, whatever the input expands to.
    static func inflate(_ payload: ByteBuffer, limit: Int) throws(InflateError) -> ByteBuffer {
        var stream = z_stream()
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .malformed
        }
        defer { inflateEnd(&stream) }

        var input = payload
        input.writeBytes(tail)
        var output = ByteBuffer()
        let failure: InflateError? = input.withUnsafeReadableBytes { input in
            feed(input, to: &stream)
            while true {
                let result = write(&output, &stream, at: max(1024, min(input.count * 4, chunk))) {
                    CZlib.inflate($0, Z_NO_FLUSH)
                }
                if output.readableBytes > limit { return .tooBig }
                switch result {
                case Z_STREAM_END: return nil
                case Z_OK where stream.avail_out == 0: continue
                case Z_OK, Z_BUF_ERROR: return stream.avail_in == 0 ? nil : .malformed
                default: return .malformed
                }
            }
        }
        if let failure { throw failure }
        return output
    }

    private static func feed(_ input: UnsafeRawBufferPointer, to stream: inout z_stream) {
        // zlib reads through this pointer and never writes; its type is not const for old compilers.
        stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(clamping: input.count)
    }

    /// Runs one step of zlib with fresh room at the end of `output`.
    @discardableResult
    private static func write(
        _ output: inout ByteBuffer, _ stream: inout z_stream, at room: Int = chunk,
        _ step: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> Int32 {
        var result = Z_OK
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { bytes in
            stream.next_out = bytes.bindMemory(to: UInt8.self).baseAddress
            stream.avail_out = UInt32(room)
            result = step(&stream)
            return room - Int(stream.avail_out)
        }
        return result
    }
}
