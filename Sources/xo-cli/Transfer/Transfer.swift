import Glibc
import XOClient

/// Uploads and downloads of whole files, with progress.
enum Transfer {
    /// Sends a file as the body of `request`.
    ///
    /// - Returns: the text of the answer.
    static func upload(_ path: String, _ request: HTTPRequest, options: ConnectionOptions) async throws -> String {
        let file = try LocalFile.reading(path)
        let progress = Progress(total: file.size)
        var request = request
        request.body = .file(
            FileSource(descriptor: file.descriptor, size: file.size, observer: { progress.add($0) }))
        let text = try await request.send(options: options) { response in
            let text = try await response.body.text()
            guard response.isSuccess else { throw HTTPFailure(response, body: text) }
            return text
        }
        progress.finish()
        return text
    }

    /// Writes the body of a successful answer to an open file.
    static func download(_ response: HTTPResponse, to file: borrowing LocalFile) async throws {
        let progress = Progress(total: response.contentLength)
        do {
            try await response.body.write(to: file.descriptor, observer: { progress.add($0) })
        } catch let error as FileError where error.code == EPIPE {
            // The reader of standard output has seen enough.
            return
        }
        progress.finish()
    }
}

extension HTTPResponseBody {
    /// Bytes of text that an answer may have when it is not written to a file.
    static let maximumTextSize = 256 << 20

    func text() async throws -> String {
        String(decoding: try await collect(upTo: HTTPResponseBody.maximumTextSize), as: UTF8.self)
    }
}

/// The server answered with another status than success.
struct HTTPFailure: Error, CustomStringConvertible {
    /// Status and reason, as in `404 Not Found`.
    let description: String
    let body: String

    init(_ response: HTTPResponse, body: String) {
        description = "\(response.status) \(response.reason)"
        self.body = body
    }
}
