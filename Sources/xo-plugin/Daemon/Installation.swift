import Glibc

/// The real daemon and what it needs, for tests that run the plugin under it.
struct Installation: Sendable {
    /// The executable `xo-host`.
    let host: String
    /// The plugin through which the suite talks to it.
    let transport: String
    /// Plugins that run beside the one under test, because it needs what they provide.
    let companions: [String]

    /// Looks beside this program, unless the settings say where; the transport may be beside the daemon, too.
    init(_ settings: TestSettings) throws(NotRun) {
        let given = settings.host
        let here = Self.folder(of: (try? Files.absolutePath("/proc/self/exe")) ?? "")
        guard let host = try? Files.absolutePath(given ?? "\(here)/xo-host"), access(host, X_OK) == 0 else {
            throw NotRun(
                given.map { "\($0) is no program; name xo-host with --host PATH" }
                    ?? "there is no xo-host beside xo-plugin; name it with --host PATH")
        }
        let places = [here, Self.folder(of: host)].map { "\($0)/libWebTransport.so" }
        guard let transport = places.first(where: { access($0, R_OK) == 0 }) else {
            throw NotRun("there is no libWebTransport.so beside xo-plugin or xo-host; put it there")
        }
        self.host = host
        self.transport = transport
        companions = settings.companions
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
