import XOJSON

/// What the host itself answers over HTTP.
enum HostRoutes {
    static func register(in services: Services) throws {
        _ = try services.routes.add(
            method: "GET", path: "/", owner: "host", target: .host { $0.path == "/" ? greeting : .notFound })
        _ = try services.routes.add(
            method: "GET", path: "/healthz", owner: "host", target: .host { _ in health(services) })
        _ = try services.routes.add(
            method: "GET", path: "/metrics", owner: "host",
            target: .host { request in
                guard mayReadMetrics(request, services) else {
                    return OutgoingResponse(
                        status: 401, headers: [("www-authenticate", "Bearer realm=\"metrics\"")],
                        body: Array("from other machines, send an administrator's token as bearer token\n".utf8))
                }
                return OutgoingResponse(
                    headers: [("content-type", OpenMetricsWriter.contentType)],
                    body: services.metrics.openMetricsText())
            })
    }

    /// For people who point a browser here while no page is installed.
    private static var greeting: OutgoingResponse {
        let page = """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><title>xo-host</title>
            <p>This is xo-host. It serves Xen Orchestra's interface at <code>/api/</code>; try
            <code>xo-cli register</code> with this address.
            </html>

            """
        return OutgoingResponse(
            headers: [
                ("content-type", "text/html; charset=utf-8"), ("content-security-policy", "default-src 'none'"),
            ], body: Array(page.utf8))
    }

    /// 200 if everything that should run does, 503 otherwise. Says nothing that is not for everybody.
    private static func health(_ services: Services) -> OutgoingResponse {
        let failed = services.failedPlugins.load(ordering: .relaxed)
        return .json(
            ["status": failed == 0 ? "ok" : "degraded", "failedPlugins": JSON(failed)], status: failed == 0 ? 200 : 503)
    }

    private static func mayReadMetrics(_ request: IncomingRequest, _ services: Services) -> Bool {
        if request.isLoopback { return true }
        guard case .bearer(let token) = request.authorization else { return false }
        let found = try? services.tokens.authenticate(token, address: request.peerAddress)
        return found?.user.permission == .admin
    }
}
