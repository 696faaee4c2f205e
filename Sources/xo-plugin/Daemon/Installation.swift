import Glibc

/// The real daemon and what it needs, for tests that run the plugin under it.
struct Installation: Sendable {
    /// The executable `xo-host`.
    let host: String
    /// The plugin through which the suite talks to it.
    let transport: String
    /// The plugin that hears what others publish; `nil` if it is not wanted.
    let recorder: String?
    /// Plugins that run beside the one under test, because it needs what they provide.
    let companions: [String]

    /// Looks beside this program, unless the settings say where; plugins may be beside the daemon, too.
    init(_ settings: TestSettings, withRecorder: Bool) throws(NotRun) {
        let given = settings.host
        let here = Self.folder(of: (try? Files.absolutePath("/proc/self/exe")) ?? "")
        guard let host = try? Files.absolutePath(given ?? "\(here)/xo-host"), access(host, X_OK) == 0 else {
            throw NotRun(
                given.map { "\($0) is no program; name xo-host with --host PATH" }
                    ?? "there is no xo-host beside xo-plugin; name it with --host PATH")
        }
        func library(_ name: String) throws(NotRun) -> String {
            let places = [here, Self.folder(of: host)].map { "\($0)/\(name)" }
            guard let path = places.first(where: { access($0, R_OK) == 0 }) else {
                throw NotRun("there is no \(name) beside xo-plugin or xo-host; put it there")
            }
            return path
        }
        self.host = host
        transport = try library("libWebTransport.so")
        recorder = withRecorder ? try library("libEventRecorder.so") : nil
        companions = settings.companions
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
