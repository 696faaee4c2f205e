import CXOPlugin
import Synchronization
import XOProtocol

/// Tells sessions and subscribers what has changed in the inventory.
///
/// Changes that come while it is busy are told together. A notification is made once and shared by all sessions that
/// may see it; its cost grows with the changes, and by one hand-over per transport.
final class Broadcaster: Sendable {
    /// A notification carries about this much; more changes make several.
    private static let notificationSize = 4 << 20

    private let inventory: Inventory
    private let sessions: SessionTable
    private let events: EventBus
    private let lane: Lane
    private let isScheduled = Atomic(false)

    init(inventory: Inventory, sessions: SessionTable, events: EventBus, lane: Lane) {
        self.inventory = inventory
        self.sessions = sessions
        self.events = events
        self.lane = lane
    }

    /// There are changes: tells of them soon.
    func schedule() {
        guard !isScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        lane.run { [self] in
            isScheduled.store(false, ordering: .releasing)
            broadcast()
        }
    }

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
            guard !missed.isEmpty, ObjectRights.seesEverything(session.principal) else { return }
            let present = inventory.objects(missed)
            let gone = missed.subtracting(present.map(\.id))
            for news in Broadcaster.news(present, gone) where session.admitsNotification(of: news.ids) {
                deliver(ObjectListing.notification(news.text), to: [session])
            }
        }
    }

    private func broadcast() {
        let changes = inventory.takeChanges()
        guard !changes.isEmpty else { return }
        let audience = sessions.all.filter { ObjectRights.seesEverything($0.principal) }
        let isPublished = events.hasSubscribers(of: EventBus.objectsTopic)
        guard !audience.isEmpty || isPublished else { return }
        for news in Broadcaster.news(inventory.objects(changes.changed), changes.removed) {
            // Asked anew for each: a session may have got too much to read by the one before.
            let ready = audience.filter { $0.admitsNotification(of: news.ids) }
            guard !ready.isEmpty || isPublished else { continue }
            let text = news.text
            if !ready.isEmpty { deliver(ObjectListing.notification(text), to: ready) }
            if isPublished { events.publish(EventBus.objectsTopic, text) }
        }
    }

    /// What one notification tells.
    private enum News {
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
    private static func news(_ changed: [InventoryObject], _ removed: Set<String>) -> [News] {
        var news: [News] = []
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
