// Authors need JSON values and the errors that clients see; the rest of the protocol stays out of their sight.
@_exported import XOJSON
@_exported import XOProtocol

/// A plugin of the host.
///
/// ```swift
/// import XOPluginAPI
///
/// final class Hello: Plugin {
///     struct Configuration: Decodable { var greeting = "Hello" }
///     static let descriptor = PluginDescriptor(id: "hello", version: "1.0.0")
///     init(host: Host) {}
///     …
/// }
///
/// @c(xo_plugin_entry)
/// public func entry(_ query: PluginQuery) -> PluginLibrary? { Hello.library(for: query) }
/// ```
///
/// The last two lines are the library's only exported symbol. Life cycle: `init`, then ``configure(_:)``, ``start()``,
/// later ``stop()``; ``configure(_:)`` may come again while the plugin runs, and a stopped plugin may be configured and
/// started again. These come one after the other; method handlers run concurrently with each other and with them.
///
/// A plugin must not use the main actor, `DispatchQueue.main` or process-wide settings (signals, environment, working
/// directory): the process is not its own.
public protocol Plugin: AnyObject, Sendable {
    /// What stands under `configuration` in `plugins.json`. The host has checked it against the descriptor's schema
    /// and filled in the schema's defaults before it is decoded.
    associatedtype Configuration: Decodable & Sendable = NoConfiguration

    static var descriptor: PluginDescriptor { get }

    /// Makes an instance: fetch what you need from `host`, allocate; no I/O. An error refuses the plugin; its
    /// description is what the administrator reads.
    init(host: Host) throws

    /// The methods that this instance offers. Read once, after `init`.
    var methods: [Method] { get }

    /// Applies a configuration, or rejects it by throwing; a running plugin then keeps its old one.
    func configure(_ configuration: Configuration) async throws

    /// Begins to serve; returns when ready.
    func start() async throws

    /// Ends what `start` began: sockets, tasks, threads.
    func stop() async
}

extension Plugin {
    public var methods: [Method] { [] }
    public func start() async throws {}
    public func stop() async {}
}

extension Plugin where Configuration == NoConfiguration {
    public func configure(_ configuration: NoConfiguration) {}
}

/// The configuration of a plugin that takes none.
public struct NoConfiguration: Decodable, Sendable {}

/// What a plugin is, for the host and for people.
public struct PluginDescriptor: Sendable {
    public var id: String
    public var version: String
    public var name: String
    public var description: String
    public var vendor: String
    public var needs: [String]
    public var provides: [String]
    public var configurationSchema: JSON

    /// - Parameters:
    ///   - id: `[a-z0-9.-]`, at most 128 characters.
    ///   - version: a semantic version.
    ///   - needs: capabilities that another plugin must provide before this one starts.
    ///   - provides: capabilities that this plugin offers once it runs.
    ///   - configurationSchema: JSON Schema of the configuration; `[:]` takes any object.
    public init(
        id: String, version: String, name: String = "", description: String = "", vendor: String = "",
        needs: [String] = [], provides: [String] = [], configurationSchema: JSON = [:]
    ) {
        self.id = id
        self.version = version
        self.name = name.isEmpty ? id : name
        self.description = description
        self.vendor = vendor
        self.needs = needs
        self.provides = provides
        self.configurationSchema = configurationSchema
    }
}
