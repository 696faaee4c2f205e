/// Which place a field has, by its name.
///
/// Every name of every record is looked up here, some millions for a large pool. A dictionary computes a hash that
/// withstands attackers, which costs more than all the rest; these names are our own, so length and three bytes do.
struct FieldTable: Sendable {
    private let names: [[UInt8]]
    /// By hash: the places of the names with that hash.
    private let buckets: [[UInt8]]

    /// - Parameter names: different ones, at most 255.
    init(_ names: [String]) {
        precondition(names.count <= Int(UInt8.max))
        self.names = names.map { Array($0.utf8) }
        var buckets = [[UInt8]](repeating: [], count: 256)
        for (place, name) in self.names.enumerated() {
            name.withUnsafeBytes { buckets[FieldTable.hash($0)].append(UInt8(place)) }
        }
        self.buckets = buckets
    }

    subscript(name: String) -> Int? {
        if let place = name.utf8.withContiguousStorageIfAvailable({ self[UnsafeRawBufferPointer($0)] }) { return place }
        return Array(name.utf8).withUnsafeBytes { self[$0] }
    }

    subscript(name: UnsafeRawBufferPointer) -> Int? {
        for place in buckets[FieldTable.hash(name)] where names[Int(place)].elementsEqual(name) { return Int(place) }
        return nil
    }

    private static func hash(_ name: UnsafeRawBufferPointer) -> Int {
        guard let first = name.first, let last = name.last else { return 0 }
        let middle = name[name.count / 2]
        return (name.count &* 37 &+ Int(first) &* 11 &+ Int(middle) &* 5 &+ Int(last)) & 255
    }
}
