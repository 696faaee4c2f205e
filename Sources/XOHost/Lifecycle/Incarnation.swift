import Synchronization
import XOProtocol

/// One life of an instance, from `create` to `destroy`: the gate between the plugin and the host.
///
/// The plugin's threads may call the host at any time, also long after `destroy`. So a life is kept for ever once the
/// plugin has it as context, and answers nothing when it is over. In the other direction callbacks come from many
/// threads of the host: none gets in once the plugin has stopped, and `destroy` waits for the last one inside.
final class Incarnation: Sendable {
    let owner: PluginInstance
    /// Whether the plugin takes calls of the class [lane*] several at once.
    let isConcurrent: Bool
    /// Whether it is in a process of its own, which may end by itself.
    let isIsolated: Bool

    /// Written once, by `begin`, before `hasBegun`.
    nonisolated(unsafe) private var functions: UnsafePointer<PluginTables>?
    private let hasBegun = Atomic(false)
    private let serves = Atomic(false)
    private let over = Atomic(false)

    /// Who is inside, in steps of `visitor`, and the flags below.
    private let gate = Atomic(Gate.closed)
    private let isDestroyed = Atomic(false)

    private enum Gate {
        static let closed = 1
        static let ending = 2
        static let visitor = 4
    }

    init(of owner: PluginInstance, in library: PluginLibrary) {
        self.owner = owner
        isConcurrent = library.isConcurrent
        isIsolated = library.process != nil
    }

    // MARK: From the plugin to the host

    /// Whether the plugin is running or starting: only then may it open sources, add routes, call and the like.
    var isServing: Bool { serves.load(ordering: .relaxed) }

    /// The plugin begins to start.
    func serve() { serves.store(true, ordering: .relaxed) }

    /// Whether `destroy` has returned, after which nothing of either side calls the other.
    var isOver: Bool { over.load(ordering: .relaxed) }

    // MARK: From the host to the plugin

    /// The plugin's functions; `nil` before they are known. To be called through the gate.
    var tables: PluginTables? { hasBegun.load(ordering: .acquiring) ? functions?.pointee : nil }

    /// The plugin is set up: callbacks may come.
    func begin(_ tables: PluginTables) {
        functions = Immortal.value(tables)
        hasBegun.store(true, ordering: .releasing)
        open()
    }

    func open() { gate.bitwiseAnd(~Gate.closed, ordering: .acquiringAndReleasing) }

    /// The plugin has stopped: what it has opened is gone, and no further callback begins.
    func close() {
        serves.store(false, ordering: .relaxed)
        gate.bitwiseOr(Gate.closed, ordering: .acquiringAndReleasing)
    }

    /// Calls into the plugin, here and now; does nothing and returns `false` if it may not be called any more.
    @discardableResult
    func enter(_ body: (PluginTables) -> Void) -> Bool {
        let before = gate.wrappingAdd(Gate.visitor, ordering: .acquiringAndReleasing).oldValue
        defer {
            let after = gate.wrappingSubtract(Gate.visitor, ordering: .acquiringAndReleasing).newValue
            if after == Gate.closed | Gate.ending { destroy() }
        }
        guard before & Gate.closed == 0, let functions else { return false }
        body(functions.pointee)
        return true
    }

    /// Calls a function of the class [lane].
    func callInLane(
        _ body: @escaping @Sendable (PluginTables) -> Void, ifClosed: @escaping @Sendable () -> Void = {}
    ) {
        owner.lane.run { [self] in
            if !enter(body) { ifClosed() }
        }
    }

    /// Calls a function of the class [lane*]: here and now if the plugin takes several at once, else in its lane. Never
    /// to be used inside a function of the host.
    ///
    /// - Parameter ifClosed: is done instead if the plugin may not be called any more.
    func call(_ body: @escaping @Sendable (PluginTables) -> Void, ifClosed: @escaping @Sendable () -> Void = {}) {
        guard isConcurrent else { return callInLane(body, ifClosed: ifClosed) }
        if !enter(body) { ifClosed() }
    }

    // MARK: End

    /// Ends this life: `destroy` is called in the lane, once nobody is inside. If somebody is stuck there, or in the
    /// lane, the plugin is left as it is; nothing waits for it.
    func end() {
        serves.store(false, ordering: .relaxed)
        let after = gate.bitwiseOr(Gate.closed | Gate.ending, ordering: .acquiringAndReleasing).newValue
        if after == Gate.closed | Gate.ending { destroy() }
    }

    /// The library has made no instance, or has destroyed it already.
    func endBeforeItBegan() { over.store(true, ordering: .relaxed) }

    private func destroy() {
        guard let tables, !isDestroyed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        owner.lane.run { [self] in
            tables.destroy(tables.data)
            over.store(true, ordering: .relaxed)
        }
    }
}
