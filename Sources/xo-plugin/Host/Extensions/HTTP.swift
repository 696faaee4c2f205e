import CXOPlugin
import XOJSON
import XOProtocol

/// Routes: given out, but nobody comes with a request except for tests.
extension CheckedHost {
    func makeHTTP() -> xo_http_host {
        xo_http_host(
            struct_size: size(of: xo_http_host.self), reserved: 0, ctx: Contexts.make(for: self, .http),
            route_add: { context, method, path, token, out in
                CheckedHost.serve(context, .http, "xo_http_host.route_add") { host in
                    let (method, path) = (try method.checked("method"), try path.checked("path"))
                    guard !method.isEmpty, path.hasPrefix("/") else {
                        throw BadArgument("the route '\(method) \(path)', whose path has to begin with '/'")
                    }
                    return host.routes.withLock { routes in
                        guard !routes.values.contains(where: { $0.method == method && $0.path == path }) else {
                            return .alreadyExists
                        }
                        let handle = host.handles.make(.route)
                        routes[handle] = Route(method: method, path: path, token: token)
                        out.pointee.id = handle
                        return .ok
                    }
                }
            },
            route_remove: { context, route in
                CheckedHost.serve(context, .http, "xo_http_host.route_remove", .always) { host in
                    _ = try host.check(route.id, .route)
                    host.handles.close(route.id)
                    host.routes.withLock { _ = $0.removeValue(forKey: route.id) }
                }
            },
            respond: { context, op, response in
                CheckedHost.serve(context, .http, "xo_http_host.respond", .always) { host in
                    try CheckedHost.check(response.pointee)
                    return host.operations.complete(op, Operations.Outcome(status: .ok, payload: []))
                }
            })
    }

    private static func check(_ response: xo_http_response) throws {
        try BadArgument.checkSize(response.struct_size, of: xo_http_response.self, "response")
        guard (200...599).contains(response.status) else {
            throw BadArgument("a response with the status \(response.status), expected 200 to 599")
        }
        for header in try BadArgument.array(
            response.headers, response.header_count, stride: Int(response.header_stride), "headers")
        {
            _ = (try header.name.checked("name"), try header.value.checked("value"))
        }
        _ = try response.body.checked("body")
    }
}

/// One route of the plugin.
struct Route: Sendable {
    let method: String
    let path: String
    let token: UInt64
}
