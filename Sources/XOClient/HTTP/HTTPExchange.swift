import NIO
import NIOHTTP1
import Synchronization

extension HTTPRequest {
    /// Sends the request on a connection of its own and hands the answer to `handle` as soon as its head is there.
    ///
    /// The body is uploaded meanwhile, with back-pressure; if the server answers before it has read all, the answer
    /// counts. There are no time limits beyond that for connecting, and redirects are not followed.
    ///
    /// - Throws: ``ConnectionError``, ``FileError``, and what `handle` throws.
    public func send<Result: Sendable>(
        options: ConnectionOptions = .init(), _ handle: @escaping @Sendable (HTTPResponse) async throws -> Result
    ) async throws -> Result {
        let address = location.address
        let connection = try await Dialer(address: address, options: options).connect { channel in
            let operations = channel.pipeline.syncOperations
            try operations.addHTTPClientHandlers()
            return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                wrappingChannelSynchronously: channel)
        }
        let channel = connection.channel
        return try await connection.executeThenClose { inbound, outbound in
            let upload = Upload()
            // Not a child task: one that waits for input from a terminal or pipe could not be ended, and an answer
            // that came early would have to wait for it.
            let uploading = Task { await upload.run(self, through: outbound, channel) }
            defer { uploading.cancel() }
            let reader = HTTPResponseReader(inbound.makeAsyncIterator(), address: address)
            do {
                return try await handle(reader.response())
            } catch let error as ConnectionError {
                throw upload.failure ?? error
            }
        }
    }

    fileprivate var head: HTTPRequestHead {
        var fields = HTTPHeaders(headers.map { ($0.name, $0.value) })
        fields.replaceOrAdd(name: "host", value: location.address.authority)
        fields.replaceOrAdd(name: "connection", value: "close")
        switch body {
        case .none: break
        case .bytes(let bytes): fields.replaceOrAdd(name: "content-length", value: "\(bytes.count)")
        case .file(let source):
            if let size = source.size {
                fields.replaceOrAdd(name: "content-length", value: "\(size)")
            } else {
                fields.replaceOrAdd(name: "transfer-encoding", value: "chunked")
            }
        }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: location.target, headers: fields)
    }
}

/// The sending half of an exchange.
private final class Upload: Sendable {
    private let fileFailure = Mutex<FileError?>(nil)

    /// A file that could not be read breaks the connection; then this is the better explanation.
    var failure: FileError? { fileFailure.withLock { $0 } }

    func run(
        _ request: HTTPRequest, through outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>,
        _ channel: any Channel
    ) async {
        do {
            try await outbound.write(.head(request.head))
            switch request.body {
            case .none: break
            case .bytes(let bytes): try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
            case .file(let source):
                try await source.forEachChunk { try await outbound.write(.body(.byteBuffer($0))) }
            }
            try await outbound.write(.end(nil))
        } catch let error as FileError {
            fileFailure.withLock { $0 = error }
            channel.close(promise: nil)
        } catch {
            // The connection broke or the server had enough: the reading half learns the reason.
        }
    }
}

/// Reads the parts of one answer; used by one task at a time, as an iterator must be.
final class HTTPResponseReader: @unchecked Sendable {
    // Unchecked: the iterator is only advanced by whoever reads the response, which is documented as "once".
    private var parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator
    private let address: ServerAddress

    init(_ parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator, address: ServerAddress) {
        self.parts = parts
        self.address = address
    }

    func response() async throws -> HTTPResponse {
        guard case .head(let head) = try await nextPart() else {
            throw ConnectionError(ChannelError.eof, at: address)
        }
        return HTTPResponse(
            status: Int(head.status.code), reason: head.status.reasonPhrase, fields: head.headers,
            body: HTTPResponseBody(reader: self))
    }

    /// - Returns: `nil` at the end of the answer.
    func nextBodyPart() async throws -> ByteBuffer? {
        switch try await nextPart() {
        case .body(let part): return part
        case .end: return nil
        case .head, nil: throw ConnectionError(ChannelError.eof, at: address)
        }
    }

    private func nextPart() async throws -> HTTPClientResponsePart? {
        do {
            return try await parts.next()
        } catch {
            throw ConnectionError(error, at: address)
        }
    }
}
