import CXOPlugin
import Glibc
import Synchronization
import XOProtocol

/// The process that holds one plugin: loads it, calls it as the host would, and takes what it asks of the host there.
///
/// It lives as long as its socket. The plugin cannot tell the difference: the same loader, the same lanes, tables of the
/// same form.
public final class Runner: Sendable {
    /// The argument with which this executable becomes a runner.
    public static let argument = "--plugin-runner"
    /// The descriptor of its end of the socket.
    static let socket: Int32 = 3
    /// Bytes that the host has not read when the plugin's threads have to wait for it: a plugin inside waits likewise
    /// while the host takes what it publishes.
    private static let room = 16 << 20

    private let channel = Channel(descriptor: Runner.socket, takesDescriptors: true, room: Runner.room)
    private let clock = Clock()
    private let pool: WorkerPool
    private let lane: Lane
    private let library = Mutex<OpenedLibrary?>(nil)
    private let frames = Mutex<PluginFrames?>(nil)
    private let host = Mutex<RunnerHost?>(nil)

    /// Serves until the host goes away. Does not return.
    public static func run() -> Never {
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        closeInherited()
        volunteer()
        signal(SIGPIPE, SIG_IGN)
        umask(0o077)
        Runner().serve()
    }

    /// Whatever library in the host has opened a descriptor without marking it, it is not for a plugin.
    private static func closeInherited() {
        guard let folder = opendir("/proc/self/fd") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let descriptor = Int32(name), descriptor > socket, descriptor != dirfd(folder) else { continue }
            close(descriptor)
        }
    }

    /// If the machine runs out of memory, this process shall end before the host.
    private static func volunteer() {
        let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, "500", 3)
        close(file)
    }

    private init() {
        pool = WorkerPool(name: "lane", width: max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))), clock: clock)
        lane = pool.makeLane()
    }

    private func serve() -> Never {
        do throws(MalformedFrame) {
            try channel.receive { (frame) throws(MalformedFrame) in
                guard let function = PluginFunction(rawValue: frame.function) else { throw MalformedFrame() }
                switch function {
                case .begin: try frame.payload.read { (reader) throws(MalformedFrame) in load(try RunnerTask(&reader)) }
                case .create: create()
                case .logLevel:
                    try frame.payload.read { (reader) throws(MalformedFrame) in
                        let level: Int32 = try reader.number()
                        host.withLock { $0 }?.logLevel.store(level, ordering: .relaxed)
                    }
                default: try frames.withLock { $0 }?.handle(function, frame.payload)
                }
            }
        } catch {
            printMessage("the host sent a malformed frame")
            _exit(EXIT_FAILURE)
        }
        _exit(EXIT_SUCCESS)
    }

    /// Goes into the host's log.
    private func printMessage(_ text: String) {
        let line = Array("\(text)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }

    // MARK: Beginning

    private func load(_ task: RunnerTask) {
        do {
            let library = try OpenedLibrary(task.library, as: task.path, hash: "")
            self.library.withLock { $0 = library }
            host.withLock { $0 = RunnerHost(task: task, channel: channel, clock: clock) }
            channel.send(.loaded) { PluginInfo.write(library.descriptor, to: &$0) }
        } catch {
            fail("\(error)")
        }
    }

    private func create() {
        lane.run { [self] in
            guard let library = library.withLock({ $0 }), let host = host.withLock({ $0 }) else { return }
            do {
                let create = library.create
                let tables = try PluginTables.setUp({ create($0, &$1, $2) }, host.makeTable())
                let frames = PluginFrames(
                    tables: tables, host: host, isConcurrent: library.info.isConcurrent, lane: lane, pool: pool)
                host.begin(frames)
                self.frames.withLock { $0 = frames }
                channel.send(.created) { Offer(of: tables).write(to: &$0) }
            } catch {
                fail("\(error)")
            }
        }
    }

    private func fail(_ reason: String) {
        channel.send(.failed) { $0.write(reason) }
    }
}
