import Glibc
import XOClient
import XOJSON

/// The file that remembers the registered server.
struct Configuration: Sendable {
    /// Also what this program does not know: others may keep their settings here.
    private var members: JSONObject

    var server: String? { members["server"]?.string }
    var token: String? { members["token"]?.string }
    var allowUnauthorized: Bool { members["allowUnauthorized"] == true }
    var clientID: String? { members["clientId"]?.string }

    /// A file that is missing, or cannot be understood, counts as empty.
    static func load() -> Configuration {
        let text = (try? File.contents(of: path)) ?? []
        return Configuration(members: (try? JSON(parsing: text))?.object ?? [:])
    }

    /// Changes the members that are named (`nil` removes one) and keeps the rest of the file.
    static func update(_ changes: [(name: String, value: JSON?)]) throws {
        var configuration = load()
        for (name, value) in changes { configuration.members[name] = value }
        // The token is a secret; and a crash in the middle of writing must not lose it.
        try File.replace(path, with: JSON.object(configuration.members).serialized())
    }

    /// Below `XDG_CONFIG_HOME`, or else in `.config` of the home directory.
    static var path: String {
        if let base = environment("XDG_CONFIG_HOME"), !base.isEmpty { return base + "/xo-cli/config.json" }
        return home + "/.config/xo-cli/config.json"
    }

    private static var home: String {
        if let home = environment("HOME"), !home.isEmpty { return home }
        return getpwuid(getuid())?.pointee.pw_dir.map { String(cString: $0) } ?? ""
    }
}
