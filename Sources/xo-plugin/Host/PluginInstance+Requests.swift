import CXOPlugin
import XOProtocol

extension PluginInstance {
    /// Sends a request to each route that the plugin has.
    func request() throws -> [xo_op] {
        let host = host
        let tables = try ready()
        guard let onRequest = tables.onRequest else { return [] }
        return host.routes.withLock { $0 }.map { handle, route in
            let op = host.operations.begin("of \(route.method) \(route.path)")
            host.lane.run("on_request of \(route.path)") {
                let status = host.lend { loan in
                    let peer = xo_peer(
                        struct_size: host.size(of: xo_peer.self), flags: UInt32(XO_PEER_LOOPBACK | XO_PEER_SECURE),
                        address: loan.text("127.0.0.1"), transport: loan.text("http"))
                    let header = xo_http_header(name: loan.text("host"), value: loan.text("localhost"))
                    let request = xo_http_request(
                        struct_size: host.size(of: xo_http_request.self), reserved: 0,
                        peer: loan.value(peer, trailing: host.plan.trailing), method: loan.text(route.method),
                        path: loan.text(route.path), query: loan.text("a=1&b"), headers: loan.array([header]),
                        header_count: 1, header_stride: UInt32(MemoryLayout<xo_http_header>.stride),
                        body: xo_bytes(ptr: nil, len: 0))
                    return onRequest(
                        tables.data, op, route.token, loan.value(request, trailing: host.plan.trailing))
                }
                host.operations.returned(op, status)
            }
            return op
        }
    }
}
