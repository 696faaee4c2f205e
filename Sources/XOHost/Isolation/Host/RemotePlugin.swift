import CXOPlugin
import Glibc
import Synchronization
import XOJSON
import XOProtocol

/// A plugin in a process of its own, as the rest of the host sees it: tables like those of any other, whose functions
/// send a frame.
///
/// One process per life of an instance. Whatever way it ends, it is told once.
final class RemotePlugin: Sendable {
    /// More than this unread by the runner, and it gets no new work.
    private static let maximumQueue = 64 << 20
    /// For an orderly end after `destroy`.
    private static let exitTime: Int64 = 5_000_000_000

    private enum Phase {
        case loading
        case loaded(PluginInfo)
        case created(Offer)
        case failed(String)
        /// The process has ended, or the socket has: the reason.
        case over(String)
    }

    private struct State {
        var phase = Phase.loading
        var isEndExpected = false
        /// Somebody is about to make the instance.
        var isWanted = false
    }

    let id: String
    let library: String
    private let clock: Clock
    private let hangWatch: HangWatch
    private let memoryWatch: MemoryWatch
    private let process = Mutex<RunnerProcess?>(nil)
    private let state = Locked(State())
    private let ended: @Sendable (String) -> Void
    // The next four are written by `create`, before anybody gets the tables, and never again.
    /// The catalogue, where the host may read it for as long as the instance lives.
    nonisolated(unsafe) private var catalogue = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    nonisolated(unsafe) private var host: UnsafePointer<xo_host>?
    nonisolated(unsafe) private var offered: Set<String> = []
    nonisolated(unsafe) private var catalogueStatus = xo_status.internal
    let sessions = RemoteSessions()
    /// Calls of methods by the plugin.
    let calls = RemoteHandles()

    /// - Parameters:
    ///   - library: the file, for people.
    ///   - hangTimeout: how long the plugin may still be at something after its time is over.
    ///   - ended: gets the reason if the process ends before it should.
    init(
        id: String, library: String, hangTimeout: Duration, clock: Clock, ended: @escaping @Sendable (String) -> Void
    ) {
        self.id = id
        self.library = library
        self.clock = clock
        hangWatch = HangWatch(clock: clock, patience: hangTimeout)
        memoryWatch = MemoryWatch(clock: clock)
        self.ended = ended
    }

    deinit { catalogue.deallocate() }

    private var channel: Channel? { process.withLock { $0?.channel } }
    var processID: pid_t? { process.withLock { $0?.id } }

    // MARK: Beginning

    /// Starts the process and has it load the library. Blocks.
    ///
    /// - Parameters:
    ///   - memoryLimit: bytes of its own that the process may have; `nil`: any number.
    ///   - line: gets what the process writes to its output.
    func launch(
        _ task: RunnerTask, timeout: Duration, memoryLimit: Int?, line: @escaping @Sendable (String) -> Void
    ) throws -> PluginInfo {
        let process = try RunnerProcess(name: id, line: line) { [self] end in
            lost("the process of the plugin \(id) \(end)")
        }
        self.process.withLock { $0 = process }
        if let memoryLimit {
            memoryWatch.watch(process.id, limit: memoryLimit) { [self] bytes in
                lost(
                    "the plugin \(id) has taken \(bytes >> 20) MiB of memory, more than its memoryLimit of "
                        + "\(memoryLimit >> 20) MiB")
            }
        }
        process.channel.send(.begin) { task.write(to: &$0) }
        guard Thread.start(name: "runner frames", { [self] in receive(from: process.channel) }) else {
            process.kill()
            throw LoadError(library, "cannot be loaded: no more threads")
        }
        let phase = try wait(timeout, "loading") { if case .loading = $0 { true } else { false } }
        guard case .loaded(let info) = phase else { throw LoadError(library, "cannot be loaded") }
        // The instance's lane may be stuck since its life before this one.
        clock.after(nanoseconds: 2 * timeout.nanoseconds) { [self] in
            if !state.withLock({ $0.isWanted }) { end() }
        }
        return info
    }

    /// Makes the instance and sets it up. Blocks, like a plugin's own functions.
    func create(
        for host: UnsafePointer<xo_host>, timeout: Duration, _ out: inout UnsafePointer<xo_instance>?,
        _ err: UnsafePointer<xo_err>
    ) -> xo_status {
        state.withLock { $0.isWanted = true }
        self.host = host
        served.withLock { $0 = HostFrames(host: host, plugin: self) }
        channel?.send(.create)
        do {
            let phase = try wait(timeout, "setup") { if case .loaded = $0 { true } else { false } }
            guard case .created(let offer) = phase else { throw LifecycleError("it is gone") }
            catalogue = .allocate(byteCount: offer.catalogue.count, alignment: 1)
            catalogue.copyBytes(from: offer.catalogue)
            catalogueStatus = offer.catalogueStatus
            offered = Set(offer.extensions)
            var table = RemotePluginTables.instance(
                Unmanaged.passRetained(self).toOpaque(), takesConfiguration: offer.takesConfiguration)
            out = Immortal.table(&table)
        } catch {
            "\(error)".withView { err.pointee.set?(err.pointee.ctx, .internal, $0) }
            return .internal
        }
        return .ok
    }

    private func wait(
        _ timeout: Duration, _ step: String, while isPending: (Phase) -> Bool
    ) throws -> Phase {
        let deadline = Clock.now + timeout.nanoseconds
        let phase: Phase? = state.wait { state in
            if !isPending(state.phase) { return .found(state.phase) }
            return Clock.now >= deadline ? .found(nil) : .wait(until: deadline)
        }
        if let phase {
            switch phase {
            case .loading, .loaded, .created: return phase
            case .failed(let reason), .over(let reason):
                end()
                throw LifecycleError(reason)
            }
        }
        end()
        throw LifecycleError("\(step) took longer than \(timeout.seconds) s; the plugin hangs")
    }

    // MARK: Frames from the runner

    private let served = Mutex<HostFrames?>(nil)

    private func receive(from channel: Channel) {
        var frames: HostFrames?
        do throws(MalformedFrame) {
            try channel.receive { (frame) throws(MalformedFrame) in
                guard let function = HostFunction(rawValue: frame.function) else { throw MalformedFrame() }
                if frames == nil { frames = served.withLock { $0 } }
                try frame.payload.read { (reader) throws(MalformedFrame) in
                    switch function {
                    case .loaded: try loaded(&reader)
                    case .created: advance(to: .created(try Offer(&reader)))
                    case .failed: advance(to: .failed(try reader.string()))
                    case .returned: hangWatch.answered(try reader.number())
                    default:
                        guard let frames else { throw MalformedFrame() }
                        if function == .complete || function == .respond { hangWatch.completed() }
                        try frames.handle(function, &reader)
                    }
                }
            }
            // The process is about to tell why.
            clock.after(nanoseconds: 1_000_000_000) { [self] in lost("the plugin \(id) has closed its socket") }
        } catch {
            lost("the plugin \(id) sent a malformed frame")
        }
        channel.close()
    }

    private func loaded(_ reader: inout WireReader) throws(MalformedFrame) {
        do {
            advance(to: .loaded(try PluginInfo(&reader, path: library)))
        } catch let error as MalformedFrame {
            throw error
        } catch {
            advance(to: .failed("\(error)"))
        }
    }

    private func advance(to phase: Phase) {
        state.withLock { state in
            if case .over = state.phase { return }
            state.phase = phase
        }
        state.signal()
    }

    // MARK: End

    /// Ends the process; nothing is said of it.
    func end() {
        state.withLock { $0.isEndExpected = true }
        process.withLock { $0 }?.kill()
    }

    /// `destroy` has been sent: the process is about to end by itself.
    func expectEnd() {
        state.withLock { $0.isEndExpected = true }
        clock.after(nanoseconds: RemotePlugin.exitTime) { [self] in end() }
    }

    private func lost(_ reason: String) {
        let (isFirst, isNews) = state.withLock { state in
            if case .over = state.phase { return (false, false) }
            state.phase = .over(reason)
            return (true, !state.isEndExpected)
        }
        guard isFirst else { return }
        memoryWatch.end()
        state.signal()
        channel?.close()
        process.withLock { $0 }?.kill()
        if isNews { ended(reason) }
        // The two hold each other.
        served.withLock { $0 = nil }
    }

    // MARK: While it runs

    /// The time of an operation is over. If the plugin hangs, its process is ended.
    func expired(_ op: UInt64) {
        hangWatch.expired(
            op, { op in tell(.probe) { $0.write(op) } },
            { [weak self] reason in
                guard let self else { return }
                lost("the plugin \(id) hangs: \(reason)")
            })
    }

    func setLogLevel(_ level: Int32) { tell(.logLevel) { $0.write(level) } }

    // MARK: The tables' functions

    func offers(_ id: String) -> Bool { offered.contains(id) }

    func giveCatalogue(_ out: UnsafeMutablePointer<xo_bytes>) -> xo_status {
        out.pointee = xo_bytes(UnsafeRawBufferPointer(catalogue))
        return catalogueStatus
    }

    /// Sends work that the runner answers by completing an operation.
    func request(
        _ function: PluginFunction, _ op: xo_op, isSecret: Bool = false, _ write: (inout WireWriter) -> Void = { _ in }
    ) -> xo_status {
        guard let channel, channel.queuedBytes < RemotePlugin.maximumQueue else { return .busy }
        let isSent = channel.send(function, isSecret: isSecret) {
            $0.write(op.id)
            write(&$0)
        }
        // If the end of the process has been told already, nobody else finishes this operation. If not, that will.
        if !isSent, case .over(let reason) = state.withLock({ $0.phase }) {
            let error = MethodError.failed(reason).json.serialized()
            _ = host?.pointee.complete?(host?.pointee.ctx, op, .unavailable, xo_buf(copying: error))
        }
        return .accepted
    }

    /// Sends something that nobody answers. A runner that does not read is given up.
    func tell(_ function: PluginFunction, isSecret: Bool = false, _ write: (inout WireWriter) -> Void) {
        guard let channel else { return }
        channel.send(function, isSecret: isSecret, write)
        guard channel.queuedBytes > 4 * RemotePlugin.maximumQueue else { return }
        lost("the plugin \(id) does not read what it is sent")
    }

    /// Tells a transport what has become of the socket that it wanted.
    func tellListening(_ local: UInt64, _ status: xo_status, _ descriptor: DescriptorInTransit?, _ detail: String) {
        channel?.send(.onListening, passing: descriptor) {
            $0.write(local)
            $0.write(status)
            $0.write(view: detail)
        }
    }

    /// Sends a notification to a transport; none follows for these sessions before it has been taken.
    func deliver(_ receivers: some Sequence<UInt64>, _ payload: xo_bytes) {
        let (locals, paused) = sessions.beginDelivery(to: receivers)
        guard !locals.isEmpty else { return }
        let frames = served.withLock { $0 }
        for session in paused { frames?.setPaused(session, true) }
        tell(.deliver) {
            $0.write(locals) { $0.write($1) }
            $0.write(payload)
        }
    }
}
