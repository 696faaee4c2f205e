// What an ELF file is read by.
extension ELFFile {
    /// The file's content, with every access checked.
    struct Bytes {
        private let content: [UInt8]

        init(_ content: [UInt8]) { self.content = content }

        /// The number at a place of the file.
        func integer<Integer: FixedWidthInteger>(at offset: UInt64, _ type: Integer.Type) throws -> Integer {
            guard let start = Int(exactly: offset), start <= content.count - MemoryLayout<Integer>.size else {
                throw Malformed(description: "it is truncated: something at offset \(offset) is not there")
            }
            return content.withUnsafeBytes {
                Integer(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: Integer.self))
            }
        }

        /// The text at a place of the file, up to its NUL.
        func text(from offset: UInt64, to end: UInt64) throws -> String {
            guard let start = Int(exactly: offset), let end = Int(exactly: end), start < end, end <= content.count,
                let zero = content[start..<end].firstIndex(of: 0)
            else { throw Malformed(description: "it is truncated: a name at offset \(offset) is not there") }
            return String(decoding: content[start..<zero], as: UTF8.self)
        }
    }

    /// Names, by their place in it.
    struct StringTable {
        private let bytes: Bytes
        private let start: UInt64
        private let size: UInt64

        init(_ bytes: Bytes, offset: UInt64, size: UInt64) {
            (self.bytes, start, self.size) = (bytes, offset, size)
        }

        subscript(offset: UInt64) -> String {
            get throws {
                guard offset < size else { throw Malformed(description: "a name lies outside of its table of names") }
                return try bytes.text(from: start + offset, to: start &+ size)
            }
        }
    }

    /// Where in the file the memory of the library comes from.
    struct Segments {
        private var loaded: [(address: UInt64, offset: UInt64, size: UInt64)] = []
        private(set) var dynamic: (offset: UInt64, size: UInt64) = (0, 0)

        init(_ bytes: Bytes) throws {
            let table = try bytes.integer(at: 32, UInt64.self)
            let stride = UInt64(try bytes.integer(at: 54, UInt16.self))
            for index in 0..<UInt64(try bytes.integer(at: 56, UInt16.self)) {
                let (at, isOutside) = table.addingReportingOverflow(index * stride)
                guard !isOutside, at < UInt64(Int.max) else {
                    throw Malformed(description: "its program headers lie outside of the file")
                }
                let kind = try bytes.integer(at: at, UInt32.self)
                let offset = try bytes.integer(at: at + 8, UInt64.self)
                let address = try bytes.integer(at: at + 16, UInt64.self)
                let size = try bytes.integer(at: at + 32, UInt64.self)
                guard offset <= UInt64(UInt32.max) << 8, size <= UInt64(UInt32.max) << 8 else {
                    throw Malformed(description: "a segment lies outside of the file")
                }
                if kind == ELFFile.loadSegment { loaded.append((address, offset, size)) }
                if kind == ELFFile.dynamicSegment { dynamic = (offset, size) }
            }
            guard dynamic.size > 0 else { throw Malformed(description: "it has no dynamic section") }
        }

        /// Where in the file an address of the loaded library is.
        func offset(of address: UInt64) throws -> UInt64 {
            guard let segment = loaded.first(where: { address >= $0.address && address - $0.address < $0.size })
            else { throw Malformed(description: "a table at address \(address) is not in the file") }
            return segment.offset + (address - segment.address)
        }
    }
}
