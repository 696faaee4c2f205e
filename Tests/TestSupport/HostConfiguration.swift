import Foundation
import XOJSON

/// The contents of a `plugins.json` for tests.
public struct HostConfiguration: Sendable {
    public var plugins: [JSON]
    public var host: JSONObject

    /// Passwords may be short and are hashed as cheaply as the host allows; the log is for programs.
    public init(_ plugins: [JSON], host: JSONObject = [:]) {
        self.plugins = plugins
        self.host = [
            "dataDirectory": "data", "log": ["format": "json", "level": "debug"],
            "passwordHash": ["memoryKiB": 8192, "iterations": 1, "parallelism": 1],
            "passwords": ["minimumLength": 1],
        ]
        self.host.merge(host, uniquingKeysWith: { $1 })
    }

    public var text: String {
        String(
            decoding: (["host": .object(host), "plugins": .array(plugins)] as JSON).serialized(indentation: 2),
            as: UTF8.self)
    }
}

extension JSON {
    /// `XO_TEST_ISOLATION=process` puts every plugin into a process of its own: the same tests, the other placement.
    private static let placement = ProcessInfo.processInfo.environment["XO_TEST_ISOLATION"].map(JSON.string)

    /// The entry of a plugin.
    ///
    /// - Parameter more: further members, such as `essential`.
    public static func plugin(
        _ id: String, _ library: String, _ configuration: JSON? = nil, _ more: JSONObject = [:]
    ) -> JSON {
        var members: JSONObject = ["id": .string(id), "library": .string(library)]
        members["isolation"] = placement
        members["configuration"] = configuration
        members.merge(more, uniquingKeysWith: { $1 })
        return .object(members)
    }

    /// A plugin of the tests, by the name of its file.
    public static func fixture(
        _ name: String, id: String? = nil, _ configuration: JSON? = nil, _ more: JSONObject = [:]
    ) throws -> JSON {
        plugin(id ?? name, try BuildProducts.fixture(name), configuration, more)
    }

    /// The web transport on a free port.
    ///
    /// - Parameters:
    ///   - tls: as in its entry of `listen`.
    ///   - settings: further settings.
    public static func web(tls: JSON? = nil, _ settings: JSONObject = [:]) throws -> JSON {
        var listen: JSONObject = ["address": "127.0.0.1", "port": 0]
        listen["tls"] = tls
        var configuration: JSONObject = ["listen": [.object(listen)]]
        configuration.merge(settings, uniquingKeysWith: { $1 })
        return plugin("web", try BuildProducts.plugin("WebTransport"), .object(configuration))
    }

    /// The pools' plugin, with short waiting times.
    public static func xapi(_ settings: JSONObject = [:]) throws -> JSON {
        var configuration: JSONObject = ["retryBaseMilliseconds": 20, "connectTimeoutMilliseconds": 5000]
        configuration.merge(settings, uniquingKeysWith: { $1 })
        return plugin("xapi", try BuildProducts.plugin("XAPI"), .object(configuration))
    }
}
