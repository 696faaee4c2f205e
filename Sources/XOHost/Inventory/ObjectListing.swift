import XOJSON

/// Objects as text, put together from their records.
enum ObjectListing {
    /// `{"ID": RECORD, …}`.
    static func map(_ objects: some Collection<InventoryObject>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(objects.reduce(2) { $0 + $1.record.count + $1.id.utf8.count + 4 })
        appendMap(objects, to: &text)
        return text
    }

    static func appendMap(_ objects: some Collection<InventoryObject>, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        var isFirst = true
        for object in objects {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            text.appendJSON(object.id)
            text.append(UInt8(ascii: ":"))
            text.append(contentsOf: object.record)
        }
        text.append(UInt8(ascii: "}"))
    }

    /// One record per line.
    static func lines(_ objects: some Collection<InventoryObject>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(objects.reduce(0) { $0 + $1.record.count + 1 })
        for object in objects {
            text.append(contentsOf: object.record)
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    /// The `params` of the notification `all`: objects that came or changed.
    static func enter(_ objects: some Collection<InventoryObject>) -> [UInt8] {
        var text = Array(#"{"type":"enter","items":"#.utf8)
        text.reserveCapacity(objects.reduce(64) { $0 + $1.record.count + $1.id.utf8.count + 4 })
        appendMap(objects, to: &text)
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// The same for objects that went.
    static func exit(_ ids: some Collection<String>) -> [UInt8] {
        var text = Array(#"{"type":"exit","items":{"#.utf8)
        var isFirst = true
        for id in ids {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            text.appendJSON(id)
            text.append(contentsOf: ":0".utf8)
        }
        text.append(contentsOf: "}}".utf8)
        return text
    }

    /// The notification around it.
    static func notification(_ params: [UInt8]) -> [UInt8] {
        Array(#"{"jsonrpc":"2.0","method":"all","params":"#.utf8) + params + [UInt8(ascii: "}")]
    }
}
