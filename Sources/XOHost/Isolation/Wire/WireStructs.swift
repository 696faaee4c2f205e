import CXOPlugin
import XOProtocol

// Structs of the protocol on the wire. Both directions of each stand together.

extension WireWriter {
    mutating func write(_ messages: UnsafeBufferPointer<xo_message>) {
        write(messages) { writer, message in
            writer.write(message.token)
            writer.write(message.payload)
        }
    }

    mutating func write(_ peer: xo_peer) {
        write(peer.flags)
        write(peer.address)
        write(peer.transport)
    }

    private mutating func write(_ first: UnsafePointer<xo_http_header>?, _ count: UInt32, _ stride: UInt32) {
        write(Headers.read(first, count, stride: stride)) { writer, header in
            writer.write(header.name)
            writer.write(header.value)
        }
    }

    mutating func write(_ request: UnsafePointer<xo_http_request>) {
        let request = request.pointee
        write(request.peer?.pointee ?? xo_peer())
        write(request.method)
        write(request.path)
        write(request.query)
        write(request.headers, request.header_count, request.header_stride)
        write(request.body)
    }

    mutating func write(_ response: UnsafePointer<xo_http_response>) {
        let response = response.pointee
        write(response.status)
        write(response.headers, response.header_count, response.header_stride)
        write(response.body)
    }
}

extension WireReader {
    mutating func messages() throws(MalformedFrame) -> [xo_message] {
        try list(minimum: 16) { (reader) throws(MalformedFrame) in
            xo_message(token: try reader.number(), payload: try reader.view())
        }
    }

    mutating func peer() throws(MalformedFrame) -> xo_peer {
        xo_peer(
            struct_size: UInt32(MemoryLayout<xo_peer>.size), flags: try number(), address: try text(),
            transport: try text())
    }

    private mutating func headers() throws(MalformedFrame) -> [(name: String, value: String)] {
        try list(minimum: 8) { (reader) throws(MalformedFrame) in (try reader.string(), try reader.string()) }
    }

    /// Lends the request for the duration of `body`.
    mutating func request(_ body: (UnsafePointer<xo_http_request>) -> Void) throws(MalformedFrame) {
        var peer = try peer()
        let (method, path, query) = (try text(), try text(), try text())
        let headers = try headers()
        let content = try view()
        withUnsafePointer(to: &peer) { peer in
            Headers.lend(headers) { headers in
                var view = xo_http_request(
                    struct_size: UInt32(MemoryLayout<xo_http_request>.size), reserved: 0, peer: peer, method: method,
                    path: path, query: query, headers: headers.baseAddress, header_count: UInt32(headers.count),
                    header_stride: UInt32(MemoryLayout<xo_http_header>.stride), body: content)
                body(&view)
            }
        }
    }

    /// Lends the response for the duration of `body`.
    mutating func response(_ body: (UnsafePointer<xo_http_response>) -> Void) throws(MalformedFrame) {
        let status: UInt32 = try number()
        let headers = try headers()
        let content = try view()
        Headers.lend(headers) { headers in
            var view = xo_http_response(
                struct_size: UInt32(MemoryLayout<xo_http_response>.size), status: status,
                headers: headers.baseAddress, header_count: UInt32(headers.count),
                header_stride: UInt32(MemoryLayout<xo_http_header>.stride), body: content)
            body(&view)
        }
    }
}
