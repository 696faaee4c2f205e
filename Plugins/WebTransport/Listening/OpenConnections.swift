import NIO
import Synchronization
import XOPluginAPI

/// The connections that are open, counted against their limits.
final class OpenConnections: Sendable {
    fileprivate struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var perAddress: [IPAddress: Int] = [:]
        var lastWarning: NIODeadline?
    }

    private let state = Mutex(State())
    private let metrics: TransportMetrics
    private let log: Log

    /// A flood must not flood the log.
    private static let warningInterval = TimeAmount.seconds(10)

    init(metrics: TransportMetrics, log: Log) {
        self.metrics = metrics
        self.log = log
    }

    fileprivate enum Verdict {
        case admitted, totalReached, addressLimitReached
    }

    /// Takes the connection in, until it closes, unless a limit is reached.
    func admit(_ channel: any Channel, settings: Configuration) -> Bool {
        let address = channel.remoteAddress.flatMap { IPAddress($0) }
        let limited = address.flatMap { address in
            address.isLoopback || settings.trustedProxies.contains { $0.contains(address) } ? nil : address
        }
        let (verdict, mustWarn) = state.withLock { state in
            let verdict = state.admit(channel, limited, settings)
            guard verdict != .admitted else { return (verdict, false) }
            let now = NIODeadline.now()
            guard state.lastWarning.map({ now - $0 > Self.warningInterval }) ?? true else { return (verdict, false) }
            state.lastWarning = now
            return (verdict, true)
        }
        switch verdict {
        case .admitted:
            metrics.connections.add(1)
            metrics.openConnections.add(1)
            channel.closeFuture.whenComplete { _ in self.remove(channel, limited) }
            return true
        case .totalReached: metrics.rejectedForTotal.add(1)
        case .addressLimitReached: metrics.rejectedForAddress.add(1)
        }
        if mustWarn {
            log.warning(
                "refused a connection because a limit is reached",
                [
                    "address": .string(address?.description ?? ""),
                    "limit": verdict == .totalReached ? "maximumConnections" : "maximumConnectionsPerAddress",
                ])
        }
        return false
    }

    private func remove(_ channel: any Channel, _ limited: IPAddress?) {
        metrics.openConnections.add(-1)
        state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = nil
            guard let limited, let count = state.perAddress[limited] else { return }
            state.perAddress[limited] = count > 1 ? count - 1 : nil
        }
    }

    /// Tells all connections that the server stops; returns when they are closed, or when the time is over.
    func closeAll(within time: TimeAmount, on eventLoop: any EventLoop) async {
        let channels = state.withLock { Array($0.channels.values) }
        guard !channels.isEmpty else { return }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ServiceIsStopping()) }
        let done = eventLoop.makePromise(of: Void.self)
        EventLoopFuture.andAllComplete(channels.map(\.closeFuture), on: eventLoop).cascade(to: done)
        let alarm = eventLoop.scheduleTask(in: time) { done.succeed() }
        try? await done.futureResult.get()
        alarm.cancel()
    }
}

extension OpenConnections.State {
    fileprivate mutating func admit(
        _ channel: any Channel, _ limited: IPAddress?, _ settings: Configuration
    ) -> OpenConnections.Verdict {
        guard channels.count < settings.maximumConnections else { return .totalReached }
        if let limited {
            guard perAddress[limited, default: 0] < settings.maximumConnectionsPerAddress else {
                return .addressLimitReached
            }
            perAddress[limited, default: 0] += 1
        }
        channels[ObjectIdentifier(channel)] = channel
        return .admitted
    }
}
