import NIO
import NIOHTTP1

/// The head of an answer, and its body to be read.
public struct HTTPResponse: Sendable {
    public let status: Int
    /// The reason phrase, such as `Not Found`.
    public let reason: String
    let fields: HTTPHeaders
    public let body: HTTPResponseBody

    public var isSuccess: Bool { (200..<300).contains(status) }

    /// The first value of a header field; the name's case does not matter.
    public func header(_ name: String) -> String? { fields.first(name: name) }

    /// All values of a header field; the name's case does not matter.
    public func headers(_ name: String) -> [String] { fields[name] }

    /// The length of the body if the server told it.
    public var contentLength: Int64? { header("content-length").flatMap { Int64($0) } }
}

/// The body of an answer, read from the network no faster than it is taken from here. May be read once.
public struct HTTPResponseBody: AsyncSequence, Sendable {
    let reader: HTTPResponseReader

    public struct AsyncIterator: AsyncIteratorProtocol {
        let reader: HTTPResponseReader

        public func next() async throws -> [UInt8]? {
            try await reader.nextBodyPart().map { Array(buffer: $0) }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader) }

    /// Reads all into memory.
    ///
    /// - Throws: ``FileError`` if there are more than `limit` bytes.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await part in self {
            guard bytes.count + part.count <= limit else {
                throw FileError("the answer has more than \(limit) bytes; write it to a file instead")
            }
            bytes += part
        }
        return bytes
    }

    /// Writes all to a file or pipe. The descriptor stays the caller's.
    public func write(to descriptor: CInt, observer: TransferObserver = { _ in }) async throws {
        while let part = try await reader.nextBodyPart() {
            try await FileIO.write(part, to: descriptor)
            observer(part.readableBytes)
        }
    }
}
