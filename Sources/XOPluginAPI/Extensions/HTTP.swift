import CXOPlugin
import Synchronization
import XOJSON
import XOProtocol

/// Who is at the other end of a connection.
public struct Peer: Sendable {
    public let address: String
    public let transport: String
    public let isSecure: Bool
    public let isLoopback: Bool

    /// - Parameters:
    ///   - address: numeric IP address without port.
    ///   - transport: how it came, for people: `websocket`, `http`.
    ///   - isSecure: encrypted, or never left this machine.
    ///   - isLoopback: the peer is on this machine and no proxy spoke for somebody else.
    public init(address: String, transport: String, isSecure: Bool, isLoopback: Bool) {
        self.address = address
        self.transport = transport
        self.isSecure = isSecure
        self.isLoopback = isLoopback
    }
}

/// An HTTP request, complete with its body.
public struct HTTPRequest: Sendable {
    public let peer: Peer
    public let method: String
    /// Percent-encoded as it came, without query.
    public let path: String
    /// Without the question mark.
    public let query: String
    /// Names in lower case.
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public init(
        peer: Peer, method: String, path: String, query: String = "", headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.peer = peer
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first header of this name (lower case).
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// An HTTP response. The transport adds the headers that frame it.
public struct HTTPResponse: Sendable {
    public let status: Int
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public init(status: Int = 200, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public init(status: Int = 200, text: String) {
        self.init(
            status: status, headers: [("content-type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }

    public init(status: Int = 200, json: JSON) {
        self.init(status: status, headers: [("content-type", "application/json")], body: json.serialized())
    }
}

/// HTTP routes that this instance answers, whichever transport brings the requests in.
public final class HTTPRoutes: Sendable {
    public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

    private struct State {
        var nextToken: UInt64 = 1
        var handlers: [UInt64: Handler] = [:]
    }

    private let tables: HostTables
    private let core: CoreHost
    private let state = Mutex(State())

    init(tables: HostTables, core: CoreHost) {
        self.tables = tables
        self.core = core
    }

    private var context: UnsafeMutableRawPointer? { tables.http?.slot(\.ctx) }

    /// A route; it lasts until it is removed or the plugin stops.
    public struct Route: Sendable {
        fileprivate let routes: HTTPRoutes
        fileprivate let token: UInt64
        fileprivate let handle: xo_route

        public func remove() {
            routes.tables.http?.slot(\.route_remove)?(routes.context, handle)
            routes.state.withLock { _ = $0.handlers.removeValue(forKey: token) }
        }
    }

    /// Answers `method` requests for `path`; a path ending in `/` stands for all that is below it.
    @discardableResult
    public func add(_ method: String, _ path: String, _ handler: @escaping Handler) throws -> Route {
        let token = state.withLock { state in
            defer { state.nextToken += 1 }
            state.handlers[state.nextToken] = handler
            return state.nextToken
        }
        var handle = xo_route()
        let status = method.withView { method in
            path.withView { tables.http?.slot(\.route_add)?(context, method, $0, token, &handle) }
        }
        do {
            try (status ?? .unsupported).check("the route \(method) \(path)")
        } catch {
            state.withLock { _ = $0.handlers.removeValue(forKey: token) }
            throw error
        }
        return Route(routes: self, token: token, handle: handle)
    }

    /// The host has removed all routes.
    func abandon() { state.withLock { $0.handlers = [:] } }

    func receive(
        _ op: xo_op, _ token: UInt64, _ request: UnsafePointer<xo_http_request>, on instance: Instance
    ) -> xo_status {
        guard let handler = state.withLock({ $0.handlers[token] }) else { return .notFound }
        let request = HTTPRequest(request)
        instance.run(op) { [self] in
            do {
                let response = try await handler(request)
                response.withView { response in
                    _ = tables.http?.slot(\.respond)?(context, op, response)
                }
            } catch {
                core.complete(op, MethodError(describing: error))
            }
        }
        return .accepted
    }
}

// MARK: - Views

extension HTTPRequest {
    init(_ view: UnsafePointer<xo_http_request>) {
        let peer = view.pointee.peer
        let flags = peer?.pointee.flags ?? 0
        self.init(
            peer: Peer(
                address: peer?.pointee.address.string ?? "", transport: peer?.pointee.transport.string ?? "",
                isSecure: flags & UInt32(XO_PEER_SECURE) != 0, isLoopback: flags & UInt32(XO_PEER_LOOPBACK) != 0),
            method: view.pointee.method.string ?? "", path: view.pointee.path.string ?? "/",
            query: view.pointee.query.string ?? "",
            headers: Headers.read(
                view.pointee.headers, view.pointee.header_count, stride: view.pointee.header_stride),
            body: Array(view.pointee.body.buffer))
    }

    /// Lends this request to the host.
    func withView<Result>(_ body: (UnsafePointer<xo_http_request>) -> Result) -> Result {
        peer.withView { peer in
            Headers.lendRequest(peer, method, path, query, headers, self.body, body)
        }
    }
}

extension HTTPResponse {
    init(_ view: UnsafePointer<xo_http_response>) {
        self.init(
            status: Int(view.pointee.status),
            headers: Headers.read(
                view.pointee.headers, view.pointee.header_count, stride: view.pointee.header_stride),
            body: Array(view.pointee.body.buffer))
    }

    func withView(_ body: (UnsafePointer<xo_http_response>) -> Void) {
        Headers.lend(headers) { headers in
            self.body.withView { content in
                var view = xo_http_response(
                    struct_size: UInt32(MemoryLayout<xo_http_response>.size), status: UInt32(clamping: status),
                    headers: headers.baseAddress, header_count: UInt32(headers.count),
                    header_stride: UInt32(MemoryLayout<xo_http_header>.stride), body: content)
                body(&view)
            }
        }
    }
}

extension Peer {
    func withView<Result>(_ body: (UnsafePointer<xo_peer>) -> Result) -> Result {
        address.withView { address in
            transport.withView { transport in
                var view = xo_peer(
                    struct_size: UInt32(MemoryLayout<xo_peer>.size),
                    flags: (isSecure ? UInt32(XO_PEER_SECURE) : 0) | (isLoopback ? UInt32(XO_PEER_LOOPBACK) : 0),
                    address: address, transport: transport)
                return body(&view)
            }
        }
    }
}
