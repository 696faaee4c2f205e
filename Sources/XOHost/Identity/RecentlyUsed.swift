/// A dictionary of bounded size, which forgets what was not used for longest.
struct RecentlyUsed<Key: Hashable, Value> {
    /// A ring of entries in the order of their use: `next` leads to older ones, `previous` to newer ones.
    private struct Entry {
        var key: Key
        var value: Value
        var previous: Int
        var next: Int
    }

    let capacity: Int
    private var entries: [Entry] = []
    private var places: [Key: Int] = [:]
    private var newest = 0

    /// - Parameter capacity: at least 1.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { entries.count }

    /// Reading and writing both count as use. Entries cannot be removed, only be set to a value that means nothing.
    subscript(key: Key) -> Value? {
        mutating get {
            guard let place = places[key] else { return nil }
            moveToFront(place)
            return entries[place].value
        }
    }

    mutating func set(_ key: Key, _ value: Value) {
        if let place = places[key] {
            entries[place].value = value
            moveToFront(place)
        } else if entries.count < capacity {
            let place = entries.count
            entries.append(Entry(key: key, value: value, previous: place, next: place))
            places[key] = place
            if place > 0 { insertBeforeNewest(place) }
            newest = place
        } else {
            let oldest = entries[newest].previous
            places[entries[oldest].key] = nil
            places[key] = oldest
            entries[oldest].key = key
            entries[oldest].value = value
            moveToFront(oldest)
        }
    }

    private mutating func moveToFront(_ place: Int) {
        guard place != newest else { return }
        entries[entries[place].previous].next = entries[place].next
        entries[entries[place].next].previous = entries[place].previous
        insertBeforeNewest(place)
        newest = place
    }

    private mutating func insertBeforeNewest(_ place: Int) {
        let oldest = entries[newest].previous
        entries[place].previous = oldest
        entries[place].next = newest
        entries[oldest].next = place
        entries[newest].previous = place
    }
}
