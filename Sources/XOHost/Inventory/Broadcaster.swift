import CXOPlugin
import Synchronization
import XOProtocol

/// Tells sessions and subscribers what has changed in the inventory, each what it may see.
///
/// Changes that come while it is busy are told together. A notification is made once and shared by all sessions that
/// are to be told the same; its cost grows with the changes and with those who are told, not with the number of objects,
/// nor with sessions and access lists that have nothing to do with it.
final class Broadcaster: Sendable {
    /// A notification carries about this much; more changes make several.
    private static let notificationSize = 4 << 20
    /// So many objects are distributed among the groups at a time.
    private static let portion = 1024

    private struct State {
        var audience = Audience()
        /// Made when somebody with an access list comes for the first time; without one nobody needs it.
        var graph: ObjectGraph?
    }

    private let inventory: Inventory
    private let events: EventBus
    private let lane: Lane
    private let isScheduled = Atomic(false)
    /// Changed in the lane only. Others look things up.
    private let state = Mutex(State())
    /// Sessions whose principal has changed.
    private let renewed = Mutex<[UInt64: Session]>([:])

    init(inventory: Inventory, events: EventBus, lane: Lane) {
        self.inventory = inventory
        self.events = events
        self.lane = lane
    }

    // MARK: From outside

    /// There are changes: tells of them soon.
    func schedule() {
        guard !isScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        lane.run { [self] in
            isScheduled.store(false, ordering: .releasing)
            broadcast()
        }
    }

    /// Somebody else is signed in on a session, or nobody, or the user's rights are others: tells what is gone and what
    /// is new.
    func renew(_ session: Session) {
        let isFirst = renewed.withLock { renewed in
            defer { renewed[session.handle] = session }
            return renewed.isEmpty
        }
        guard isFirst else { return }
        lane.run { [self] in
            let sessions = renewed.withLock { renewed in
                defer { renewed = [:] }
                return renewed
            }
            tellRenewed(sessions.values)
        }
    }

    /// Does `work` after everything that has happened up to now has been told.
    func afterwards(_ work: @escaping @Sendable () -> Void) { lane.run(work) }

    /// Holds a session's notifications back, and goes on once none is on its way to it any more.
    func hold(_ session: Session, then work: @escaping @Sendable () -> Void) {
        lane.run {
            session.hold()
            work()
        }
    }

    /// Ends a hold on a session's notifications and sends it the present state of what has changed meanwhile.
    func release(_ session: Session) {
        lane.run { [self] in
            guard let missed = session.release() else {
                return session.kick("too much has changed while you did not read; connect again")
            }
            guard !missed.isEmpty else { return }
            let present = state.withLock { state -> [InventoryObject]? in
                guard let access = state.audience.access(of: session) else { return nil }
                if access.isEverything { return inventory.objects(missed) }
                return state.graph?.visible(missed, from: access.grants) ?? []
            }
            guard let present else { return }
            tell(present, gone: missed.subtracting(present.map(\.id)), to: [session])
        }
    }

    /// All objects that somebody with these rights sees, in the order of arrival. For administrators that is what there
    /// is, for others what has been told: so nothing is missing when what has changed since is told.
    func visibleObjects(to access: Access, ofType type: String? = nil) -> [InventoryObject] {
        if access.isEverything { return inventory.objects(ofType: type) }
        if access.isNothing { return [] }
        let visible = state.withLock { $0.graph?.visible(from: access.grants.keys) } ?? []
        return type == nil ? visible : visible.filter { $0.type == type }
    }

    /// Sees to it that ``visibleObjects(to:ofType:)`` can answer. In the lane.
    func prepare(for access: Access) {
        if !access.isEverything, !access.isNothing { makeGraph() }
    }

    // MARK: Changes

    private func broadcast() { tell(inventory.takeChanges()) }

    private func tell(_ changes: Inventory.Changes) {
        guard !changes.isEmpty else { return }
        let (administrators, effects) = state.withLock { state in
            (state.audience.administrators, state.graph?.apply(changes) ?? [])
        }
        let isPublished = events.hasSubscribers(of: EventBus.objectsTopic)
        if !administrators.isEmpty || isPublished {
            tell(changes.changed.map(\.object), gone: changes.removed, to: administrators, isPublished: isPublished)
        }
        for (news, sessions) in distribution(of: effects) { tell(news.entering, gone: news.gone, to: sessions) }
    }

    /// What several groups are told alike.
    private struct News: Hashable {
        /// Positions of objects, ascending.
        var entering: [Int] = []
        var gone: [Int] = []
    }

    private typealias Told = (entering: [InventoryObject], gone: Set<String>)

    /// Who is to be told what, of what matters to those with access lists.
    private func distribution(of effects: [ObjectGraph.Effect]) -> [(Told, [Session])] {
        guard !effects.isEmpty else { return [] }
        return state.withLock { state in
            var distribution: [(Told, [Session])] = []
            var items: [ObjectGraph.Effect.Item] = []
            var byGroup: [ObjectIdentifier: News] = [:]
            func flush() {
                var groups: [News: [ObjectIdentifier]] = [:]
                for (group, news) in byGroup { groups[news, default: []].append(group) }
                for (news, groups) in groups {
                    let told: Told = (
                        news.entering.compactMap { items[$0].object }, Set(news.gone.map { items[$0].id })
                    )
                    let sessions = groups.flatMap { state.audience.groups[$0]?.sessions.values.map { $0 } ?? [] }
                    distribution.append((told, sessions))
                }
                (items, byGroup) = ([], [:])
            }
            for effect in effects {
                let before = state.audience.groups(withRightOn: effect.before)
                let after = state.audience.groups(withRightOn: effect.after)
                guard !before.isEmpty || !after.isEmpty else { continue }
                for item in effect.items {
                    let position = items.count
                    items.append(item)
                    for group in after where item.isChanged || !before.contains(group) {
                        byGroup[group, default: News()].entering.append(position)
                    }
                    for group in before where !after.contains(group) {
                        byGroup[group, default: News()].gone.append(position)
                    }
                    if items.count >= Broadcaster.portion { flush() }
                }
            }
            flush()
            return distribution
        }
    }

    // MARK: Rights

    private func tellRenewed(_ sessions: some Sequence<Session>) {
        // Up to here the old rights hold, also for what nobody has been told yet.
        broadcast()
        var transitions: [[ObjectIdentifier]: (old: Access, new: Access, sessions: [Session])] = [:]
        for session in sessions {
            // A closed session is nobody's, whoever was signed in.
            let principal = session.isClosed ? nil : session.principal
            if let principal { prepare(for: principal.access) }
            let old = state.withLock { $0.audience.update(session, to: principal, watchingIn: &$0.graph) }
            guard let old, let new = principal?.access else { continue }
            transitions[[ObjectIdentifier(old), ObjectIdentifier(new)], default: (old, new, [])].sessions
                .append(session)
        }
        for (old, new, sessions) in transitions.values {
            let gone = visibleObjects(to: old, butNotTo: new)
            tell(visibleObjects(to: new, butNotTo: old), gone: Set(gone.map(\.id)), to: sessions)
        }
    }

    private func visibleObjects(to access: Access, butNotTo other: Access) -> [InventoryObject] {
        if access.isNothing || other.isEverything { return [] }
        if access.isEverything {
            let visible = Set(visibleObjects(to: other).map(\.id))
            return inventory.objects().filter { !visible.contains($0.id) }
        }
        return state.withLock { $0.graph?.visible(from: access.grants, butNotFrom: other.grants) } ?? []
    }

    private func makeGraph() {
        guard state.withLock({ $0.graph == nil }) else { return }
        let (objects, changes) = inventory.takeEverything()
        // Nobody with an access list has been told anything yet.
        tell(changes)
        let watched = state.withLock { $0.audience.objectsOfLists }
        let graph = ObjectGraph(objects, watching: watched)
        state.withLock { $0.graph = graph }
    }

    // MARK: Sending

    /// - Parameter isPublished: plugins have subscribed to all that happens.
    private func tell(
        _ entering: [InventoryObject], gone: Set<String>, to audience: [Session], isPublished: Bool = false
    ) {
        for news in Broadcaster.news(entering, gone) {
            // Asked anew for each: a session may have got too much to read by the one before.
            let ready = audience.filter { $0.admitsNotification(of: news.ids) }
            guard !ready.isEmpty || isPublished else { continue }
            let text = news.text
            if !ready.isEmpty { deliver(ObjectListing.notification(text), to: ready) }
            if isPublished { events.publish(EventBus.objectsTopic, text) }
        }
    }

    /// What one notification tells.
    private enum Notice {
        case enter(ArraySlice<InventoryObject>)
        case exit(Set<String>)

        var ids: [String] {
            switch self {
            case .enter(let objects): objects.map(\.id)
            case .exit(let ids): Array(ids)
            }
        }

        /// The notification's params.
        var text: [UInt8] {
            switch self {
            case .enter(let objects): ObjectListing.enter(objects)
            case .exit(let ids): ObjectListing.exit(ids)
            }
        }
    }

    /// These changes, divided into notifications.
    private static func news(_ changed: [InventoryObject], _ removed: Set<String>) -> [Notice] {
        var news: [Notice] = []
        var start = 0
        var size = 0
        for (index, object) in changed.enumerated() {
            size += object.record.count
            if size >= Broadcaster.notificationSize || index == changed.count - 1 {
                news.append(.enter(changed[start...index]))
                start = index + 1
                size = 0
            }
        }
        if !removed.isEmpty { news.append(.exit(removed)) }
        return news
    }

    private func deliver(_ text: [UInt8], to sessions: [Session]) {
        for (_, sessions) in Dictionary(grouping: sessions, by: { ObjectIdentifier($0.transport) }) {
            let handles = sessions.map(\.handle)
            sessions.first?.transport.call { tables in
                handles.withUnsafeBytes { handles in
                    // A handle is a struct with one number in it.
                    let handles = handles.bindMemory(to: xo_session.self)
                    guard let first = handles.baseAddress else { return }
                    text.withView { tables.transport?.deliver(tables.data, first, UInt32(handles.count), $0) }
                }
            }
        }
    }
}
