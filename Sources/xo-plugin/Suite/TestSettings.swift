import XOJSON

/// What a test is told beside the plugin; the same for all tests of a run, but for what is known by then.
struct TestSettings: Sendable {
    /// What random parameters are made from.
    var seed: UInt64 = 1
    /// Nanoseconds that one step may take.
    var patience: Int64
    /// Configuration to run the plugin with, where the defaults of its schema do not do.
    var configuration: JSON?
    /// The oldest glibc that the plugin has to run with, such as `2.36`.
    var glibc = "2.36"
    /// The executable `xo-host`, if it is not beside this program.
    var host: String?
    /// How often a test of the group crash kills the plugin's process.
    var kills = 3
    /// Plugins that run beside the one under test.
    var companions: [String] = []
    /// Name and secret of somebody whom the plugin vouches for, as NAME:SECRET.
    var signIn: String?
    /// What the plugin is known to be unable to do under ordinary circumstances, from tests before.
    var known: Set<Breach.Kind> = []

    /// - Parameter timeout: nanoseconds for the whole test; a step may take a third of it.
    init(timeout: Int64) { patience = timeout / 3 }

    /// Nanoseconds for the whole test.
    var timeout: Int64 { 3 * patience }

    // MARK: Between processes

    var json: JSON {
        var members: JSONObject = [
            "seed": .string(String(seed)), "patience": .integer(patience), "glibc": .string(glibc),
            "kills": JSON(kills), "companions": JSON(companions), "known": JSON(known.map(\.rawValue).sorted()),
        ]
        members["configuration"] = configuration
        members["host"] = host.map { .string($0) }
        members["signIn"] = signIn.map { .string($0) }
        return .object(members)
    }

    init?(json: JSON) {
        guard let seed = json["seed"]?.string.flatMap({ UInt64($0) }), let patience = json["patience"]?.integer,
            let glibc = json["glibc"]?.string, let kills = json["kills"]?.integer
        else { return nil }
        (self.seed, self.patience, self.glibc, self.kills) = (seed, patience, glibc, Int(kills))
        configuration = json["configuration"]
        host = json["host"]?.string
        signIn = json["signIn"]?.string
        companions = json["companions"]?.array?.compactMap(\.string) ?? []
        known = Set(json["known"]?.array?.compactMap { $0.string.flatMap(Breach.Kind.init) } ?? [])
    }
}
