package import CXOPlugin

/// HTTP header fields and requests, between Swift and the protocol.
package enum Headers {
    /// Those of the fields that are UTF-8 and whose lengths do not lie.
    package static func read(
        _ first: UnsafePointer<xo_http_header>?, _ count: UInt32, stride: UInt32
    ) -> [(name: String, value: String)] {
        guard let first, Int(stride) >= MemoryLayout<xo_http_header>.size else { return [] }
        return (0..<Int(count)).compactMap { index in
            let header = UnsafeRawPointer(first).loadUnaligned(
                fromByteOffset: index * Int(stride), as: xo_http_header.self)
            guard let name = header.name.string, let value = header.value.string else { return nil }
            return (name, value)
        }
    }

    /// Lends fields for the duration of `body`.
    package static func lend<Result>(
        _ headers: [(name: String, value: String)], _ body: (UnsafeBufferPointer<xo_http_header>) -> Result
    ) -> Result {
        // All texts in one piece of memory, so that nothing is pinned field by field.
        let text = headers.map { $0.name + $0.value }.joined()
        return text.withView { all in
            var offset = 0
            func take(_ text: String) -> xo_str {
                let length = text.utf8.count
                defer { offset += length }
                return xo_str(ptr: all.ptr.map { $0 + offset }, len: UInt64(length))
            }
            let views = headers.map { header in
                let name = take(header.name)
                return xo_http_header(name: name, value: take(header.value))
            }
            return views.withUnsafeBufferPointer(body)
        }
    }

    /// Lends a request for the duration of `body`.
    package static func lendRequest<Result>(
        _ peer: UnsafePointer<xo_peer>, _ method: String, _ path: String, _ query: String,
        _ headers: [(name: String, value: String)], _ content: [UInt8],
        _ body: (UnsafePointer<xo_http_request>) -> Result
    ) -> Result {
        method.withView { method in
            path.withView { path in
                query.withView { query in
                    lend(headers) { headers in
                        content.withView { content in
                            var view = xo_http_request(
                                struct_size: UInt32(MemoryLayout<xo_http_request>.size), reserved: 0, peer: peer,
                                method: method, path: path, query: query, headers: headers.baseAddress,
                                header_count: UInt32(headers.count),
                                header_stride: UInt32(MemoryLayout<xo_http_header>.stride), body: content)
                            return body(&view)
                        }
                    }
                }
            }
        }
    }
}
