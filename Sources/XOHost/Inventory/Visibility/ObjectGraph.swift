/// The inventory as clients with access lists know it: what was told last, with the links along which rights are handed
/// on, in both directions.
///
/// It follows the inventory batch by batch. So what somebody could see before a batch and what after it are both known
/// exactly, also for objects that have not changed themselves: the disk of a machine that has moved to another host.
struct ObjectGraph {
    private struct Node {
        let id: String
        /// `nil`: others name it, but it is not there.
        var object: InventoryObject?
        var sequence: UInt64 = 0
        var parents: [Int] = []
        var children: Set<Int> = []
        /// Some access list names it.
        var isGranted = false
    }

    /// Objects that are affected alike, because entries on the same objects decide who sees them.
    struct Effect: Sendable {
        struct Item: Sendable {
            let id: String
            /// As it is now; `nil`: it is gone.
            let object: InventoryObject?
            /// It has changed itself; if not, only who sees it has.
            let isChanged: Bool
        }

        /// Whoever has a right on one of these objects could see the items before.
        let before: [String]
        /// The same for now.
        let after: [String]
        var items: [Item]
    }

    /// How many objects are looked at on the way up; beyond that nobody has a right.
    private static let maximumAscent = 4096

    private var indices: [String: Int] = [:]
    private var nodes: [Node] = []
    private var free: [Int] = []
    /// The objects that access lists name.
    private var watched: Set<String>

    init(_ objects: [Inventory.Arrival], watching watched: Set<String>) {
        self.watched = watched
        indices.reserveCapacity(objects.count)
        nodes.reserveCapacity(objects.count)
        for arrival in objects { put(arrival, parents: ObjectParents(of: arrival.object).ids) }
    }

    // MARK: Whose rights count

    /// From now on effects tell of the rights on this object, too.
    mutating func watch(_ id: String) {
        watched.insert(id)
        if let index = indices[id] { nodes[index].isGranted = true }
    }

    mutating func unwatch(_ id: String) {
        watched.remove(id)
        if let index = indices[id] { nodes[index].isGranted = false }
    }

    // MARK: Following the inventory

    /// Takes changes over and tells what they mean for those who have rights on something.
    mutating func apply(_ changes: Inventory.Changes) -> [Effect] {
        let parents = changes.changed.map { ObjectParents(of: $0.object).ids }
        guard !watched.isEmpty else {
            replace(changes, parents: parents)
            return []
        }
        var affected = changes.changed.map(\.object.id) + changes.removed
        let changed = Set(affected)
        affected += heirs(of: changes, parents, except: changed)
        let before = affected.map { indices[$0].map(granted) ?? [] }
        replace(changes, parents: parents)

        var effects: [Effect] = []
        var places: [[[String]]: Int] = [:]
        for (id, before) in zip(affected, before) {
            let index = indices[id]
            let after = index.map(granted) ?? []
            let isChanged = changed.contains(id)
            guard !before.isEmpty || !after.isEmpty, isChanged || before != after else { continue }
            let item = Effect.Item(id: id, object: index.flatMap { nodes[$0].object }, isChanged: isChanged)
            if let place = places[[before, after]] {
                effects[place].items.append(item)
            } else {
                places[[before, after]] = effects.count
                effects.append(Effect(before: before, after: after, items: [item]))
            }
        }
        return effects
    }

    /// What is below objects that have come, gone, or belong to something else now. Others' rights on those may have
    /// changed although they are the same.
    private func heirs(
        of changes: Inventory.Changes, _ parents: [[String]], except changed: Set<String>
    ) -> [String] {
        var queue: [Int] = []
        for (arrival, parents) in zip(changes.changed, parents) {
            guard let index = indices[arrival.object.id] else { continue }
            if nodes[index].object == nil || !nodes[index].parents.elementsEqual(parents, by: { nodes[$0].id == $1 }) {
                queue.append(index)
            }
        }
        for id in changes.removed { if let index = indices[id] { queue.append(index) } }
        var seen = Set(queue)
        var heirs: [String] = []
        while let index = queue.popLast() {
            for child in nodes[index].children where seen.insert(child).inserted {
                if !changed.contains(nodes[child].id) { heirs.append(nodes[child].id) }
                queue.append(child)
            }
        }
        return heirs
    }

    /// The objects with entries on which a right on this one may rest, sorted.
    private func granted(_ start: Int) -> [String] {
        var granted: [String] = []
        var queue = [start]
        var seen = Set(queue)
        var position = 0
        while position < queue.count {
            let node = queue[position]
            position += 1
            guard nodes[node].object != nil else { continue }
            if nodes[node].isGranted { granted.append(nodes[node].id) }
            for parent in nodes[node].parents where queue.count < ObjectGraph.maximumAscent {
                if seen.insert(parent).inserted { queue.append(parent) }
            }
        }
        return granted.sorted()
    }

    private mutating func replace(_ changes: Inventory.Changes, parents: [[String]]) {
        for (arrival, parents) in zip(changes.changed, parents) { put(arrival, parents: parents) }
        for id in changes.removed { remove(id) }
    }

    private mutating func put(_ arrival: Inventory.Arrival, parents: [String]) {
        let index = index(of: arrival.object.id)
        nodes[index].object = arrival.object
        nodes[index].sequence = arrival.sequence
        guard !nodes[index].parents.elementsEqual(parents, by: { nodes[$0].id == $1 }) else { return }
        let new = parents.map { self.index(of: $0) }
        let old = nodes[index].parents
        nodes[index].parents = new
        for parent in new { nodes[parent].children.insert(index) }
        for parent in Set(old).subtracting(new) { abandon(parent, by: index) }
    }

    private mutating func remove(_ id: String) {
        guard let index = indices[id] else { return }
        nodes[index].object = nil
        let parents = nodes[index].parents
        nodes[index].parents = []
        for parent in parents { abandon(parent, by: index) }
        freeIfUnused(index)
    }

    private mutating func abandon(_ parent: Int, by child: Int) {
        nodes[parent].children.remove(child)
        freeIfUnused(parent)
    }

    private mutating func freeIfUnused(_ index: Int) {
        guard nodes[index].object == nil, nodes[index].children.isEmpty, indices[nodes[index].id] == index else {
            return
        }
        indices[nodes[index].id] = nil
        free.append(index)
    }

    private mutating func index(of id: String) -> Int {
        if let index = indices[id] { return index }
        let node = Node(id: id, isGranted: watched.contains(id))
        let index: Int
        if let unused = free.popLast() {
            index = unused
            nodes[index] = node
        } else {
            index = nodes.count
            nodes.append(node)
        }
        indices[id] = index
        return index
    }

    // MARK: Looking down

    /// What somebody with rights on `roots` sees, in the order of arrival. Takes time for what that is, not for what
    /// there is.
    func visible(from roots: some Sequence<String>) -> [InventoryObject] {
        descent(from: roots)
            .compactMap { index in nodes[index].object.map { (nodes[index].sequence, $0) } }
            .sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Those of `ids` that somebody with rights on `roots` sees.
    func visible(_ ids: some Sequence<String>, from roots: [String: ObjectRight]) -> [InventoryObject] {
        ids.compactMap { id in
            guard let index = indices[id], let object = nodes[index].object, isVisible(index, from: roots) else {
                return nil
            }
            return object
        }
    }

    /// What somebody with rights on `roots` sees and one with rights on `others` does not, in the order of arrival.
    func visible(from roots: [String: ObjectRight], butNotFrom others: [String: ObjectRight]) -> [InventoryObject] {
        descent(from: roots.keys.lazy.filter { others[$0] == nil })
            .filter { !isVisible($0, from: others) }
            .compactMap { index in nodes[index].object.map { (nodes[index].sequence, $0) } }
            .sorted { $0.0 < $1.0 }.map(\.1)
    }

    private func isVisible(_ start: Int, from roots: [String: ObjectRight]) -> Bool {
        var queue = [start]
        var seen = Set(queue)
        var position = 0
        while position < queue.count {
            let node = queue[position]
            position += 1
            guard nodes[node].object != nil else { continue }
            if roots[nodes[node].id] != nil { return true }
            for parent in nodes[node].parents where queue.count < ObjectGraph.maximumAscent {
                if seen.insert(parent).inserted { queue.append(parent) }
            }
        }
        return false
    }

    private func descent(from roots: some Sequence<String>) -> [Int] {
        var queue = roots.compactMap { indices[$0] }.filter { nodes[$0].object != nil }
        var seen = Set(queue)
        var position = 0
        while position < queue.count {
            for child in nodes[queue[position]].children
            where nodes[child].object != nil && seen.insert(child).inserted {
                queue.append(child)
            }
            position += 1
        }
        return queue
    }
}
