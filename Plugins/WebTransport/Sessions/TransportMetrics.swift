import XOPluginAPI

/// What is counted; served by the host at `/metrics`.
struct TransportMetrics: Sendable {
    let openConnections: Gauge
    let openSessions: Gauge
    let connections: Counter
    let rejectedForTotal: Counter
    let rejectedForAddress: Counter
    let rejectedForSessions: Counter
    let rejectedForOrigin: Counter
    let httpRequests: Counter
    let messagesIn: Counter
    let messagesOut: Counter
    let bytesIn: Counter
    let bytesOut: Counter
    let slowReadersPaused: Counter
    let slowReadersClosed: Counter

    init(_ metrics: Metrics) throws {
        openConnections = try metrics.gauge("connections_open", "Connections that are open now.")
        openSessions = try metrics.gauge("websocket_sessions_open", "WebSocket sessions that are open now.")
        connections = try metrics.counter("connections", "Connections taken.")
        func rejected(_ reason: String) throws -> Counter {
            try metrics.counter(
                "connections_rejected", "Connections and upgrades refused.", labels: ["reason": .string(reason)])
        }
        rejectedForTotal = try rejected("total")
        rejectedForAddress = try rejected("address")
        rejectedForSessions = try rejected("sessions")
        rejectedForOrigin = try rejected("origin")
        httpRequests = try metrics.counter("http_requests", "Plain HTTP requests handed to the host.")
        messagesIn = try metrics.counter("websocket_received_messages", "WebSocket messages handed to the host.")
        messagesOut = try metrics.counter("websocket_sent_messages", "WebSocket messages sent for the host.")
        bytesIn = try metrics.counter("websocket_received_bytes", "Bytes received over WebSocket, with framing.")
        bytesOut = try metrics.counter("websocket_sent_bytes", "Bytes sent over WebSocket, with framing.")
        slowReadersPaused = try metrics.counter(
            "websocket_slow_readers_paused", "Times that notifications were held back for a slow client.")
        slowReadersClosed = try metrics.counter(
            "websocket_slow_readers_closed", "Connections closed because the client read too slowly.")
    }
}
