import Glibc
import XOJSON

/// A running `xo-host` with a folder of its own, and the plugin among its plugins, not started yet.
final class Daemon {
    /// The plugin's id there; the recorder of events knows it, too.
    static let subject = "subject"
    static let administrator = (name: "admin@check", password: "correct horse")

    private let process: ChildProcess
    private let output: Pipe
    private var hasEnded = false
    private let patience: Int64
    let log: DaemonLog
    /// Where its transport listens.
    let address: LocalAddress
    /// All that belongs to it.
    let folder: String

    /// Nanoseconds in which it gets ready, or never: it is not the plugin's fault if that takes long.
    private static let longestStart: Int64 = 20_000_000_000

    /// Starts it, and waits until it is ready.
    ///
    /// - Parameter folder: is made.
    init(_ installation: Installation, _ plugin: String, _ placement: Placement, folder: String, patience: Int64) throws
    {
        self.folder = folder
        self.patience = patience
        for name in ["", "/program", "/work", "/home", "/temporary"] { mkdir(folder + name, 0o700) }
        // A folder of its own for the executable, too: what a plugin leaves there is seen.
        let executable = "\(folder)/program/xo-host"
        if link(installation.host, executable) != 0 {
            try Files.write(Files.read(installation.host), to: executable)
        }
        try Files.write(
            Self.configuration(installation, plugin, placement).serialized(indentation: 2),
            to: "\(folder)/plugins.json")
        let output = try Pipe()
        process = try ChildProcess(
            ChildProcess.Plan(
                executable: executable, name: "xo-host", arguments: ["--config", "\(folder)/plugins.json"],
                environment: Self.environment(installation, folder),
                descriptors: [(output.writing, 1), (output.writing, 2)], folder: "\(folder)/work"))
        output.closeWriting()
        self.output = output
        log = DaemonLog(output)
        let ready = log.line(patience: Self.longestStart) { $0["source"] == "host" && $0["message"] == "ready" }
        guard ready != nil, let address = log.address(of: "web", patience: 0) else {
            let isOver = log.isOver
            Glibc.kill(process.id, SIGKILL)
            let end = process.wait()
            throw NotRun(
                "\(installation.host) \(isOver ? end.description : "does not get ready"), but should run; see what is "
                    + "wrong with it. \(log.complaint)")
        }
        self.address = address
    }

    deinit { if !hasEnded { kill() } }

    var id: pid_t { process.id }

    /// Every process that was started by it, or by one that was, has this in its environment.
    var mark: String { "TMPDIR=\(folder)/temporary" }

    /// The sockets at which it takes connections, it or what it has started.
    var listeningSockets: Set<ListeningSockets.Socket> {
        ListeningSockets.of(Processes.started(with: mark).map(\.id))
    }

    /// Asks it to end and waits until it does; `false` if it does not in time.
    func stop() -> Bool {
        Glibc.kill(process.id, SIGTERM)
        // Its last word, and the end of its output, come before its own.
        let isOver = log.line(patience: patience) { $0["source"] == "host" && $0["message"] == "stopped" } != nil
        if isOver { wait() } else { kill() }
        return isOver
    }

    private func kill() {
        Glibc.kill(process.id, SIGKILL)
        wait()
    }

    private func wait() {
        hasEnded = true
        _ = process.wait()
    }

    // MARK: What it is told

    private static func configuration(_ installation: Installation, _ plugin: String, _ placement: Placement) -> JSON {
        let companions = installation.companions.enumerated().map { index, path -> JSON in
            ["id": .string("companion-\(index + 1)"), "library": .string(path)]
        }
        let transport: JSON = [
            "id": "web", "library": .string(installation.transport),
            "configuration": ["listen": [["address": "127.0.0.1", "port": 0]]],
        ]
        let recorder = installation.recorder.map { path -> JSON in ["id": "recorder", "library": .string(path)] }
        // It is started by hand, by somebody who listens.
        let subject: JSON = [
            "id": .string(Daemon.subject), "library": .string(plugin), "isolation": .string(placement.rawValue),
            "enabled": false, "grants": ["calls.as-service"],
        ]
        return [
            "host": [
                "dataDirectory": "data", "log": ["format": "json", "level": "info"],
                // As cheap as can be: nobody attacks it.
                "passwordHash": ["memoryKiB": 8192, "iterations": 1, "parallelism": 1],
            ],
            "plugins": .array([transport] + companions + [recorder].compactMap { $0 } + [subject]),
        ]
    }

    private static func environment(_ installation: Installation, _ folder: String) -> [String] {
        let kept = ["PATH=", "LANG=", "LC_ALL=", "TZ=", "ASAN_OPTIONS="]
        let inherited = ProcessInformation.environment.filter { variable in kept.contains { variable.hasPrefix($0) } }
        // An installed program finds its libraries beside itself, which it is not any more.
        let home = installation.host.lastIndex(of: "/").map { String(installation.host[..<$0]) } ?? "."
        let libraries = getenv("LD_LIBRARY_PATH").map { "\(home):\(String(cString: $0))" } ?? home
        return inherited + [
            "HOME=\(folder)/home", "TMPDIR=\(folder)/temporary", "LD_LIBRARY_PATH=\(libraries)",
            "SWIFT_BACKTRACE=enable=no", "XO_ADMIN_USER=\(administrator.name)",
            "XO_ADMIN_PASSWORD=\(administrator.password)",
        ]
    }
}

/// Where the daemon runs the plugin; the words of `isolation` in `plugins.json`.
enum Placement: String, Sendable {
    case inside = "host"
    case isolated = "process"

    /// For people.
    var description: String {
        switch self {
        case .inside: "inside of the daemon"
        case .isolated: "in a process of its own"
        }
    }
}
