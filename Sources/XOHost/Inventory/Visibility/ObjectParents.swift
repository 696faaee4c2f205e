import XOJSON

/// What an object belongs to: who has a right on one of these has it on the object.
///
/// Read out of the record's top-level members, without building values. Which members count depends on the type; the
/// pool counts for all.
struct ObjectParents: Sendable, Equatable {
    /// A record that names more is one that nobody means seriously; the rest is passed over, which grants less.
    static let maximumCount = 1024

    /// Ids, each once. There need be no such objects.
    let ids: [String]
    /// A drive for discs: what lies in it is lent to the machine. Who may administrate the machine may look at the disc,
    /// not delete it for all the others.
    let isDiscDrive: Bool
    /// Of a disk.
    let isOfDisk: Bool

    init(of object: InventoryObject) {
        let members = ObjectParents.members[object.type] ?? []
        var found: [[String]] = Array(repeating: [], count: members.count)
        var pool = object.pool
        var isDiscDrive = false
        if !members.isEmpty || pool.isEmpty {
            object.record.withUnsafeBytes { record in
                ObjectParents.forEachMember(of: record) { (name, scanner) throws(JSONError) in
                    if let index = members.firstIndex(where: { $0 == name }) {
                        // The last one counts, as for those who parse the record.
                        found[index] = try ObjectParents.ids(&scanner, record)
                    } else if name == "$pool" {
                        let ids = try ObjectParents.ids(&scanner, record)
                        if pool.isEmpty { pool = ids.first ?? "" }
                    } else if name == "is_cd_drive" {
                        isDiscDrive = scanner.peek() == UInt8(ascii: "t")
                        _ = try scanner.skipValue()
                    } else {
                        _ = try scanner.skipValue()
                    }
                }
            }
        }
        // The rights on one of several devices are none on what they have in common.
        if object.type == "USB_group", found[0].count != 1 { found[0] = [] }
        // A drive is its machine's, whatever lies in it: else all who have the same disc would see each other's drives.
        isDiscDrive = isDiscDrive && object.type == "VBD"
        if isDiscDrive { found[1] = [] }
        var ids: [String] = []
        var known: Set<String> = [object.id]
        for id in found.joined() + [pool] where !id.isEmpty && ids.count < ObjectParents.maximumCount {
            if known.insert(id).inserted { ids.append(id) }
        }
        self.ids = ids
        self.isDiscDrive = isDiscDrive
        isOfDisk = object.type == "VDI" || object.type == "VDI-snapshot"
    }

    /// The members that name what an object of a type belongs to.
    private static let members: [String: [StaticText]] = [
        "SR": ["$container"],
        "VM": ["$container"],
        "VM-controller": ["$container"],
        "VM-snapshot": ["$snapshot_of"],
        "VDI": ["$SR", "$VBDs"],
        "VDI-snapshot": ["$snapshot_of", "$SR", "$VBDs"],
        "VDI-unmanaged": ["$SR"],
        "VBD": ["VM", "VDI"],
        "VIF": ["$VM", "$network"],
        "PBD": ["host", "SR"],
        "PIF": ["$host"],
        "PCI": ["$host"],
        "PGPU": ["$host"],
        "PUSB": ["host"],
        "USB_group": ["PUSBs"],
        "VUSB": ["vm"],
        "VTPM": ["vm"],
        "vgpu": ["vm"],
        "bond": ["master"],
        "patch": ["$host"],
        "task": ["$host", "applies_to"],
        "message": ["$object"],
    ]

    // MARK: Reading

    private static func forEachMember(
        of record: UnsafeRawBufferPointer,
        _ body: (_ name: MemberName, inout JSONScanner) throws(JSONError) -> Void
    ) {
        var scanner = JSONScanner(record)
        // The record was checked when it came, so this does not fail; if it did, what was found till then would count.
        try? scanner.forEachMember { (range, scanner) throws(JSONError) in
            try body(MemberName(UnsafeRawBufferPointer(rebasing: record[range])), &scanner)
        }
    }

    /// A text, or the texts of an array; nothing of what else there may be.
    private static func ids(_ scanner: inout JSONScanner, _ record: UnsafeRawBufferPointer) throws(JSONError)
        -> [String]
    {
        switch scanner.peek() {
        case UInt8(ascii: "\""): return [text(try scanner.skipString(), record)]
        case UInt8(ascii: "["):
            var ids: [String] = []
            try scanner.forEachElement { (scanner) throws(JSONError) in
                if ids.count < maximumCount, scanner.peek() == UInt8(ascii: "\"") {
                    ids.append(text(try scanner.skipString(), record))
                } else {
                    _ = try scanner.skipValue(depth: 1)
                }
            }
            return ids
        default:
            _ = try scanner.skipValue()
            return []
        }
    }

    /// The text between two quotes.
    private static func text(_ range: Range<Int>, _ record: UnsafeRawBufferPointer) -> String {
        MemberName(UnsafeRawBufferPointer(rebasing: record[range])).text
    }
}

/// A name that the compiler knows.
private struct StaticText: ExpressibleByStringLiteral, Sendable {
    let value: StaticString
    init(stringLiteral value: StaticString) { self.value = value }

    static func == (text: StaticText, name: MemberName) -> Bool { name.equals(text.value) }
}

/// A text of JSON as it stands between its quotes, with its escapes.
private struct MemberName {
    private let bytes: UnsafeRawBufferPointer
    private let unescaped: String?

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        // Rare; but what clients read as `$container` must be that here, however it is written.
        unescaped = bytes.contains(UInt8(ascii: "\\")) ? MemberName.unescape(bytes) : nil
    }

    var text: String { unescaped ?? String(decoding: bytes, as: UTF8.self) }

    static func == (name: MemberName, text: StaticString) -> Bool { name.equals(text) }

    func equals(_ text: StaticString) -> Bool {
        if let unescaped { return unescaped == "\(text)" }
        return bytes.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func unescape(_ bytes: UnsafeRawBufferPointer) -> String {
        let quote = UInt8(ascii: "\"")
        return (try? JSON(parsing: [quote] + bytes + [quote]))?.string ?? ""
    }
}
