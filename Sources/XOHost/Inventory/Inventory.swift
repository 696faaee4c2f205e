import Synchronization

/// All objects that sources have published, in the order in which they came. A cache of the pools: in memory only.
///
/// What costs time is proportional to what changes, never to what there is.
final class Inventory: Sendable {
    /// Changes since they were last asked for: the objects that came or changed, and those that went.
    struct Changes: Sendable {
        var changed: [Arrival] = []
        var removed: Set<String> = []
        var isEmpty: Bool { changed.isEmpty && removed.isEmpty }
    }

    /// An object, and its place in the order of arrival.
    struct Arrival: Sendable {
        let object: InventoryObject
        let sequence: UInt64
    }

    private struct Entry {
        var object: InventoryObject
        let source: UInt64
        /// Place in the order of arrival.
        let sequence: UInt64
        /// What the object belongs to, once somebody has asked: most people who ask for rights are administrators.
        var parents: ObjectParents?
    }

    private struct Source {
        let handle: UInt64
        let name: String
        let owner: PluginInstance
        var ids: Set<String> = []
        /// During a snapshot: what has not been put yet.
        var unseen: Set<String>?
        /// What its owner says of it.
        var isLive = true
        var detail = ""
        /// Its owner has crashed and is expected back.
        var isOrphan = false
        /// Its owner is back, and has not finished telling what there is now.
        var isInherited = false

        var state: SourceState {
            let detail =
                isOrphan
                ? "the plugin has crashed; this is what there was before"
                : isInherited ? "the plugin has started again, and has not told yet what there is now" : self.detail
            return SourceState(
                plugin: owner.id, name: name, isLive: isLive && !isOrphan && !isInherited, detail: detail,
                count: ids.count)
        }
    }

    private struct State {
        var objects: [String: Entry] = [:]
        /// Object id by second name.
        var refs: [String: String] = [:]
        /// Objects whose id another source holds, by id: at the first one's removal one of them takes its place.
        var parked: [String: [Entry]] = [:]
        var sources: [UInt64: Source] = [:]
        var nextSource: UInt64 = 1
        var nextSequence: UInt64 = 1
        var changed: Set<String> = []
        var removed: Set<String> = []
        var bytes = 0

        mutating func takeChanges() -> Changes {
            defer { (changed, removed) = ([], []) }
            return Changes(
                changed: changed.compactMap { id in
                    objects[id].map { Arrival(object: $0.object, sequence: $0.sequence) }
                }, removed: removed)
        }
    }

    private let state = Mutex(State())

    // MARK: Reading

    /// The object of this id or second name.
    subscript(name: String) -> InventoryObject? {
        state.withLock { state in
            (state.objects[name] ?? state.refs[name].flatMap { state.objects[$0] })?.object
        }
    }

    /// All objects, of one type if given, in the order of arrival.
    func objects(ofType type: String? = nil) -> [InventoryObject] {
        let entries = state.withLock { state in
            state.objects.values.filter { type == nil || $0.object.type == type }
        }
        return entries.sorted { $0.sequence < $1.sequence }.map(\.object)
    }

    /// Those of `ids` that exist.
    func objects(_ ids: some Sequence<String>) -> [InventoryObject] {
        state.withLock { state in ids.compactMap { state.objects[$0]?.object } }
    }

    var count: Int { state.withLock { $0.objects.count } }
    /// What the records take.
    var recordBytes: Int { state.withLock { $0.bytes } }

    /// Takes the changes since the last time.
    func takeChanges() -> Changes { state.withLock { $0.takeChanges() } }

    /// Takes the changes, and all that there is after them.
    func takeEverything() -> (objects: [Arrival], changes: Changes) {
        state.withLock { state in
            let objects = state.objects.values.map { Arrival(object: $0.object, sequence: $0.sequence) }
            return (objects, state.takeChanges())
        }
    }

    /// Where the objects come from, in the order in which their sources were opened.
    var sourceStates: [SourceState] {
        state.withLock { state in state.sources.values.sorted { $0.handle < $1.handle }.map(\.state) }
    }

    // MARK: Rights

    /// The highest right that `access` grants on an object or on anything that it belongs to; `nil` if none.
    ///
    /// Walks up from the object, so it takes the same time however many objects and entries there are.
    func right(of access: Access, on object: InventoryObject) -> ObjectRight? {
        state.withLock { state in
            var walk = Ascent(from: object.id)
            var best: ObjectRight?
            while let step = walk.next() {
                // What is not there hands no rights on, and has none itself.
                guard let index = state.objects.index(forKey: step.id) else { continue }
                let parents = Inventory.parents(at: index, &state)
                let isLent = Ascent.isLent(step, parents)
                if let granted = access.grants[step.id] {
                    best = max(isLent ? .view : granted, best ?? .view)
                    if best == .administrate { break }
                }
                walk.go(on: parents, isLent: isLent)
            }
            return best
        }
    }

    private static func parents(at index: Dictionary<String, Entry>.Index, _ state: inout State) -> ObjectParents {
        if let known = state.objects.values[index].parents { return known }
        let parents = ObjectParents(of: state.objects.values[index].object)
        state.objects.values[index].parents = parents
        return parents
    }

    // MARK: Sources

    /// Opens a source; `nil` if the instance has one of that name. One that a crash has left gets its objects back: what
    /// is still the same then, clients hear nothing of.
    func openSource(_ name: String, of owner: PluginInstance) -> UInt64? {
        state.withLock { state in
            if let present = state.sources.values.first(where: { $0.owner === owner && $0.name == name }) {
                guard present.isOrphan else { return nil }
                state.sources[present.handle]?.isOrphan = false
                state.sources[present.handle]?.isInherited = true
                state.sources[present.handle]?.isLive = true
                state.sources[present.handle]?.detail = ""
                return present.handle
            }
            let handle = state.nextSource
            state.nextSource += 1
            state.sources[handle] = Source(handle: handle, name: name, owner: owner)
            return handle
        }
    }

    func beginSnapshot(_ handle: UInt64, of owner: PluginInstance) -> Bool {
        change(handle, of: owner) { source, _ in source.unseen = source.ids }
    }

    func endSnapshot(_ handle: UInt64, of owner: PluginInstance) -> Bool {
        change(handle, of: owner) { source, state in
            for id in source.unseen ?? [] { Inventory.remove(id, &source, &state) }
            source.unseen = nil
            source.isInherited = false
        }
    }

    func put(_ objects: [InventoryObject], from handle: UInt64, of owner: PluginInstance) -> Bool {
        change(handle, of: owner) { source, state in
            Inventory.disinherit(&source, &state)
            for object in objects { Inventory.put(object, &source, &state) }
        }
    }

    func remove(_ ids: [String], from handle: UInt64, of owner: PluginInstance) -> Bool {
        change(handle, of: owner) { source, state in
            Inventory.disinherit(&source, &state)
            for id in ids { Inventory.remove(id, &source, &state) }
        }
    }

    func setStatus(_ handle: UInt64, isLive: Bool, detail: String, of owner: PluginInstance) -> Bool {
        change(handle, of: owner) { source, _ in
            source.isLive = isLive
            source.detail = detail
        }
    }

    func close(_ handle: UInt64, of owner: PluginInstance) -> Bool {
        state.withLock { state in
            guard var source = state.sources[handle], source.owner === owner else { return false }
            state.sources[handle] = nil
            for id in source.ids { Inventory.remove(id, &source, &state) }
            return true
        }
    }

    /// Ends all sources of an instance.
    func closeAll(of owner: PluginInstance) {
        let handles = state.withLock { $0.sources.values.filter { $0.owner === owner }.map(\.handle) }
        for handle in handles { _ = close(handle, of: owner) }
    }

    /// Keeps the objects of an instance that has crashed, for when it is back.
    func orphanAll(of owner: PluginInstance) {
        state.withLock { state in
            for handle in state.sources.values.filter({ $0.owner === owner }).map(\.handle) {
                state.sources[handle]?.isOrphan = true
                state.sources[handle]?.unseen = nil
            }
        }
    }

    /// Ends the sources that an instance has not opened again.
    func closeOrphans(of owner: PluginInstance) {
        let handles = state.withLock { $0.sources.values.filter { $0.owner === owner && $0.isOrphan }.map(\.handle) }
        for handle in handles { _ = close(handle, of: owner) }
    }

    // MARK: Changing

    /// A source that does not begin with a snapshot begins with nothing.
    private static func disinherit(_ source: inout Source, _ state: inout State) {
        guard source.isInherited, source.unseen == nil else { return }
        source.isInherited = false
        for id in source.ids { remove(id, &source, &state) }
    }

    private func change(
        _ handle: UInt64, of owner: PluginInstance, _ body: (inout Source, inout State) -> Void
    ) -> Bool {
        state.withLock { state in
            guard var source = state.sources[handle], source.owner === owner else { return false }
            // Taken out, so that its sets are changed in place.
            state.sources[handle] = nil
            body(&source, &state)
            state.sources[handle] = source
            return true
        }
    }

    private static func put(_ object: InventoryObject, _ source: inout Source, _ state: inout State) {
        let id = object.id
        source.unseen?.remove(id)
        source.ids.insert(id)
        guard let present = state.objects[id] else {
            insert(Entry(object: object, source: source.handle, sequence: state.nextSequence), &state)
            state.nextSequence += 1
            return
        }
        guard present.source == source.handle else {
            let entry = Entry(object: object, source: source.handle, sequence: state.nextSequence)
            state.nextSequence += 1
            state.parked[id, default: []].removeAll { $0.source == source.handle }
            state.parked[id, default: []].append(entry)
            return
        }
        guard present.object.record != object.record else { return }
        withdraw(present, &state)
        insert(Entry(object: object, source: source.handle, sequence: present.sequence), &state)
    }

    private static func remove(_ id: String, _ source: inout Source, _ state: inout State) {
        guard source.ids.remove(id) != nil else { return }
        source.unseen?.remove(id)
        guard let present = state.objects[id], present.source == source.handle else {
            unpark(id, &state) { $0.source == source.handle }
            return
        }
        withdraw(present, &state)
        if let successor = unpark(id, &state, where: { _ in true }) {
            insert(successor, &state)
        } else {
            state.objects[id] = nil
            state.changed.remove(id)
            state.removed.insert(id)
        }
    }

    private static func insert(_ entry: Entry, _ state: inout State) {
        let object = entry.object
        state.objects[object.id] = entry
        if !object.ref.isEmpty { state.refs[object.ref] = object.id }
        state.bytes += object.record.count
        state.removed.remove(object.id)
        state.changed.insert(object.id)
    }

    private static func withdraw(_ entry: Entry, _ state: inout State) {
        let object = entry.object
        if state.refs[object.ref] == object.id { state.refs[object.ref] = nil }
        state.bytes -= object.record.count
    }

    @discardableResult
    private static func unpark(_ id: String, _ state: inout State, where isMeant: (Entry) -> Bool) -> Entry? {
        guard let index = state.parked[id]?.firstIndex(where: isMeant) else { return nil }
        let entry = state.parked[id]?.remove(at: index)
        if state.parked[id]?.isEmpty == true { state.parked[id] = nil }
        return entry
    }
}
