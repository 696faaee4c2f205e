import CXOPlugin
import XOProtocol

/// xo.http/1: plugins answer HTTP requests.
enum HTTPTable {
    static func make(_ context: UnsafeMutableRawPointer) -> xo_http_host {
        xo_http_host(
            struct_size: UInt32(MemoryLayout<xo_http_host>.size), reserved: 0, ctx: context,
            route_add: { context, method, path, token, out in
                guard let life = Incarnation.from(context), life.tables?.onRequest != nil,
                    let method = method.string, let path = path.string
                else { return .invalidArgument }
                guard life.isServing else { return .wrongState }
                let instance = life.owner
                do throws(RouteError) {
                    let id = try instance.services.routes.add(
                        method: method, path: path, owner: instance.id, target: .plugin(life, token: token))
                    out.pointee = xo_route(id: id.number)
                    return .ok
                } catch {
                    instance.log.warning("a route was refused", metadata: ["reason": "\(error)"])
                    if case .taken = error { return .alreadyExists }
                    return .invalidArgument
                }
            },
            route_remove: { context, route in
                guard let instance = PluginInstance.from(context) else { return }
                instance.services.routes.remove(.init(number: route.id), owner: instance.id)
            },
            respond: { context, op, response in
                guard let instance = PluginInstance.from(context) else { return .invalidArgument }
                return instance.finish(op.id, .responded(response))
            })
    }
}

// MARK: - Views

extension OutgoingResponse {
    /// How an HTTP operation of a plugin ended.
    init(_ ended: Operation.Outcome) {
        switch ended {
        case .responded(let view):
            guard Int(view.pointee.struct_size) >= MemoryLayout<xo_http_response>.size,
                (200...599).contains(view.pointee.status),
                let body = UnsafeRawBufferPointer(view: view.pointee.body.ptr, view.pointee.body.len)
            else {
                self = .text("the plugin gave a malformed answer\n", status: 502)
                return
            }
            self.init(
                status: Int(view.pointee.status),
                headers: Headers.read(
                    view.pointee.headers, view.pointee.header_count, stride: view.pointee.header_stride),
                body: Array(body))
        case .completed(let status, _), .abandoned(let status, _):
            self = .text("\(StatusText.of(status))\n", status: OutgoingResponse.code(for: status))
        }
    }

    private static func code(for status: xo_status) -> Int {
        switch Int(status) {
        case XO_UNAVAILABLE, XO_BUSY, XO_RESOURCE_EXHAUSTED: 503
        case XO_NOT_FOUND: 404
        case XO_PERMISSION_DENIED: 403
        case XO_UNAUTHENTICATED: 401
        case XO_INVALID_ARGUMENT: 400
        case XO_DEADLINE: 504
        case 0...: 204
        default: 500
        }
    }

    /// Lends the response to a transport.
    func withView(_ body: (UnsafePointer<xo_http_response>) -> Void) {
        Headers.lend(headers) { headers in
            self.body.withView { content in
                var view = xo_http_response(
                    struct_size: UInt32(MemoryLayout<xo_http_response>.size), status: UInt32(status),
                    headers: headers.baseAddress, header_count: UInt32(headers.count),
                    header_stride: UInt32(MemoryLayout<xo_http_header>.stride), body: content)
                body(&view)
            }
        }
    }
}

extension IncomingRequest {
    /// `nil` if the view is malformed.
    init?(_ view: UnsafePointer<xo_http_request>) {
        guard Int(view.pointee.struct_size) >= MemoryLayout<xo_http_request>.size,
            let peer = view.pointee.peer, Int(peer.pointee.struct_size) >= MemoryLayout<xo_peer>.size,
            let address = peer.pointee.address.string, let method = view.pointee.method.string,
            let path = view.pointee.path.string, let query = view.pointee.query.string,
            let body = UnsafeRawBufferPointer(view: view.pointee.body.ptr, view.pointee.body.len)
        else { return nil }
        let flags = peer.pointee.flags
        self.init(
            peerAddress: address, isLoopback: flags & UInt32(XO_PEER_LOOPBACK) != 0,
            isSecure: flags & UInt32(XO_PEER_SECURE) != 0, method: method, path: path, query: query,
            headers: Headers.read(
                view.pointee.headers, view.pointee.header_count, stride: view.pointee.header_stride),
            body: Array(body))
    }

    /// Lends the request to a plugin.
    func withView(_ body: (UnsafePointer<xo_http_request>) -> xo_status) -> xo_status {
        peerAddress.withView { address in
            "http".withView { transport in
                var peer = xo_peer(
                    struct_size: UInt32(MemoryLayout<xo_peer>.size),
                    flags: (isSecure ? UInt32(XO_PEER_SECURE) : 0) | (isLoopback ? UInt32(XO_PEER_LOOPBACK) : 0),
                    address: address, transport: transport)
                return Headers.lendRequest(&peer, method, path, query, headers, self.body, body)
            }
        }
    }
}
