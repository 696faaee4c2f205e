/// What the tests of group *binary* want to know of a shared library: a reader of 64-bit little-endian ELF files.
///
/// The file may hold anything: every offset is checked, and what lies outside of the file is an error.
struct ELFFile {
    /// An entry of the dynamic symbol table.
    struct Symbol {
        let name: String
        let isDefined: Bool
        /// Not local to the file.
        let isGlobal: Bool
        let isWeak: Bool
        /// Can be seen from outside.
        let isVisible: Bool
        /// The name of a version, which linkers put among the symbols.
        let isVersionName: Bool
    }

    /// What is wrong with a file that is none, as the end of "The file cannot be read: …".
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    let symbols: [Symbol]
    /// DT_SONAME, by which others need it.
    let soname: String?
    /// DT_NEEDED, in order.
    let needed: [String]
    /// The search paths inside the file, `$ORIGIN` and all.
    let rpath: String?
    let runpath: String?
    /// DT_FLAGS, and DT_TEXTREL as its flag.
    let flags: UInt64
    /// DT_FLAGS_1.
    let flags1: UInt64
    /// The versions of symbols that are needed of others, such as `GLIBC_2.34`, by library.
    let neededVersions: [(library: String, version: String)]

    static let dynamicSegment: UInt32 = 2
    static let loadSegment: UInt32 = 1
    private static let sharedObject: UInt16 = 3
    private static let maximumCount = 4_000_000

    static let textRelocations: UInt64 = 0x4
    static let noDelete: UInt64 = 0x8

    private enum Tag {
        static let needed: UInt64 = 1, stringTable: UInt64 = 5, symbolTable: UInt64 = 6, stringSize: UInt64 = 10
        static let soname: UInt64 = 14
        static let rpath: UInt64 = 15, textRelocations: UInt64 = 22, runpath: UInt64 = 29, flags: UInt64 = 30
        static let gnuHash: UInt64 = 0x6fff_fef5, hash: UInt64 = 4, flags1: UInt64 = 0x6fff_fffb
        static let versionsNeeded: UInt64 = 0x6fff_fffe, versionsNeededCount: UInt64 = 0x6fff_ffff
    }

    init(_ content: [UInt8]) throws {
        let bytes = Bytes(content)
        guard content.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            throw Malformed(description: "it is not an ELF file, expected a shared library")
        }
        guard try bytes.integer(at: 4, UInt8.self) == 2, try bytes.integer(at: 5, UInt8.self) == 1 else {
            throw Malformed(description: "it is not a 64-bit little-endian ELF file")
        }
        guard try bytes.integer(at: 16, UInt16.self) == Self.sharedObject else {
            throw Malformed(description: "it is an ELF file, but not a shared library")
        }
        let segments = try Segments(bytes)
        var strings = (address: UInt64(0), size: UInt64(0))
        var single: [UInt64: UInt64] = [:]
        var neededOffsets: [UInt64] = []
        entries: for index in 0..<segments.dynamic.size / 16 {
            let at = segments.dynamic.offset + index * 16
            let (tag, value) = (try bytes.integer(at: at, UInt64.self), try bytes.integer(at: at + 8, UInt64.self))
            switch tag {
            case 0: break entries
            case Tag.needed: neededOffsets.append(value)
            case Tag.stringTable: strings.address = value
            case Tag.stringSize: strings.size = value
            default: single[tag] = value
            }
        }
        let text = StringTable(bytes, offset: try segments.offset(of: strings.address), size: strings.size)
        needed = try neededOffsets.map { try text[$0] }
        soname = try single[Tag.soname].map { try text[$0] }
        rpath = try single[Tag.rpath].map { try text[$0] }
        runpath = try single[Tag.runpath].map { try text[$0] }
        flags = (single[Tag.flags] ?? 0) | (single[Tag.textRelocations] == nil ? 0 : Self.textRelocations)
        flags1 = single[Tag.flags1] ?? 0
        symbols = try Self.symbols(bytes, segments, text, single)
        neededVersions = try Self.neededVersions(bytes, segments, text, single)
    }

    private static func symbols(
        _ bytes: Bytes, _ segments: Segments, _ text: StringTable, _ dynamic: [UInt64: UInt64]
    ) throws -> [Symbol] {
        guard let address = dynamic[Tag.symbolTable] else { return [] }
        let table = try segments.offset(of: address)
        let count = try symbolCount(bytes, segments, dynamic)
        guard count <= maximumCount else { throw Malformed(description: "it claims to have \(count) symbols") }
        return try (0..<count).dropFirst().map { index in
            let at = table + UInt64(index) * 24
            let info = try bytes.integer(at: at + 4, UInt8.self)
            let section = try bytes.integer(at: at + 6, UInt16.self)
            let visibility = try bytes.integer(at: at + 5, UInt8.self) & 3
            let absolute: UInt16 = 0xFFF1
            return Symbol(
                name: try text[UInt64(bytes.integer(at: at, UInt32.self))], isDefined: section != 0,
                isGlobal: info >> 4 != 0, isWeak: info >> 4 == 2, isVisible: visibility == 0 || visibility == 3,
                isVersionName: section == absolute && info & 0xF == 1)
        }
    }

    /// Nothing says how many symbols there are but the hash tables that find them.
    private static func symbolCount(
        _ bytes: Bytes, _ segments: Segments, _ dynamic: [UInt64: UInt64]
    ) throws -> Int {
        if let address = dynamic[Tag.hash] {
            return Int(try bytes.integer(at: segments.offset(of: address) + 4, UInt32.self))
        }
        guard let address = dynamic[Tag.gnuHash] else { return 0 }
        let table = try segments.offset(of: address)
        let buckets = UInt64(try bytes.integer(at: table, UInt32.self))
        let first = UInt64(try bytes.integer(at: table + 4, UInt32.self))
        let filter = UInt64(try bytes.integer(at: table + 8, UInt32.self))
        let bucketTable = table + 16 + filter * 8
        var last: UInt64 = 0
        for index in 0..<buckets {
            last = max(last, UInt64(try bytes.integer(at: bucketTable + index * 4, UInt32.self)))
        }
        guard last >= first else { return Int(first) }
        // The chain of the highest bucket ends with an odd number.
        while try bytes.integer(at: bucketTable + buckets * 4 + (last - first) * 4, UInt32.self) & 1 == 0 { last += 1 }
        return Int(last) + 1
    }

    private static func neededVersions(
        _ bytes: Bytes, _ segments: Segments, _ text: StringTable, _ dynamic: [UInt64: UInt64]
    ) throws -> [(library: String, version: String)] {
        guard let address = dynamic[Tag.versionsNeeded] else { return [] }
        var versions: [(library: String, version: String)] = []
        var at = try segments.offset(of: address)
        for _ in 0..<(dynamic[Tag.versionsNeededCount] ?? 0) {
            let library = try text[UInt64(bytes.integer(at: at + 4, UInt32.self))]
            var inner = at + UInt64(try bytes.integer(at: at + 8, UInt32.self))
            for _ in 0..<(try bytes.integer(at: at + 2, UInt16.self)) {
                versions.append((library, try text[UInt64(bytes.integer(at: inner + 8, UInt32.self))]))
                inner += UInt64(try bytes.integer(at: inner + 12, UInt32.self))
            }
            let next = UInt64(try bytes.integer(at: at + 12, UInt32.self))
            guard next > 0 else { break }
            at += next
        }
        return versions
    }
}
