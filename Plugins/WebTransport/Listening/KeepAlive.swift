import Glibc
import NIO

/// Has the kernel find out about clients that vanished without a word (a laptop's lid, a pulled cable): the protocol has
/// no sign of life of its own, and a session may rightly be silent for hours.
enum KeepAlive {
    private static let idleSeconds: SocketOptionValue = 60
    private static let intervalSeconds: SocketOptionValue = 15
    private static let probes: SocketOptionValue = 4

    static func enable(on channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.socketOption(.so_keepalive), value: 1)
        try options.setOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: idleSeconds)
        try options.setOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: intervalSeconds)
        try options.setOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: probes)
    }
}
