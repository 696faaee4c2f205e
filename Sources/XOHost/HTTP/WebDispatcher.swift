import XOJSON
import XOProtocol

/// Who answers an HTTP request.
enum RouteTarget: Sendable {
    case host(@Sendable (IncomingRequest) -> OutgoingResponse)
    /// Answers when it has waited for others.
    case hostTask(@Sendable (IncomingRequest) async -> OutgoingResponse)
    case plugin(Incarnation, token: UInt64)
}

/// The way of an HTTP request: a one-time address, or a route of the host or of a plugin.
struct WebDispatcher: Sendable {
    typealias Respond = @Sendable (OutgoingResponse) -> Void

    /// After so long the client is told that the plugin did not answer.
    private static let patience: Int64 = 60_000_000_000

    let services: Services

    /// Answers a request; `respond` is called exactly once, on a thread of the host and never before this returns.
    func handle(_ request: IncomingRequest, _ respond: @escaping Respond) {
        services.pool.makeLane().run { route(request) { respond($0.secured()) } }
    }

    private func route(_ request: IncomingRequest, _ respond: @escaping Respond) {
        if let produce = services.downloads.take(path: request.path) {
            services.backgroundPool.makeLane().run { respond(produce()) }
            return
        }
        switch services.routes.match(method: request.method, path: request.path) {
        case .found(.host(let answer)): services.backgroundPool.makeLane().run { respond(answer(request)) }
        case .found(.hostTask(let answer)): Task { respond(await answer(request)) }
        case .found(.plugin(let life, let token)): ask(life, token, request, respond)
        case .methodNotAllowed(let allowed): respond(.methodNotAllowed(allowed))
        case .invalidPath: respond(.text("malformed path\n", status: 400))
        case .notFound: respond(.notFound)
        }
    }

    private func ask(
        _ life: Incarnation, _ token: UInt64, _ request: IncomingRequest, _ respond: @escaping Respond
    ) {
        let instance = life.owner
        let deadline = Operation.Deadline(at: Clock.now + WebDispatcher.patience) { [services] handle in
            let reason = "the plugin did not answer the request in time"
            services.operations.end(handle, of: instance, .abandoned(.deadline, reason))
        }
        // It may end inside a function of the host, from which no plugin may be called.
        let operation = services.operations.begin(
            instance, deadline: deadline,
            .function { [services] ended in
                let response = OutgoingResponse(ended)
                services.pool.makeLane().run { respond(response) }
            })
        guard let operation else {
            respond(.text("too much is under way\n", status: 503))
            return
        }
        life.call { tables in
            let status = request.withView { view in
                tables.onRequest.map { $0(tables.data, operation.cHandle, token, view) } ?? .unsupported
            }
            if status != .accepted { instance.complete(operation.handle, status, .init(start: nil, count: 0)) }
        } ifClosed: { [services] in
            services.operations.end(operation.handle, of: instance, .abandoned(.unavailable, "it has stopped"))
        }
    }
}
