/// References as XAPI writes them: `OpaqueRef:` and a UUID that is not the object's own.
enum Reference {
    static let prefix = "OpaqueRef:"
    /// Refers to nothing.
    static let null = "OpaqueRef:NULL"

    /// A new reference made from the next 128 random bits.
    static func make(using random: inout some RandomNumberGenerator) -> String {
        makeUUID(prefix: prefix, using: &random)
    }
}

/// A version-4 UUID, behind `prefix`, made from the next 128 random bits.
///
/// Written by hand because a large pool needs hundreds of thousands of them while it is set up.
func makeUUID(prefix: String = "", using random: inout some RandomNumberGenerator) -> String {
    let high = random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    let prefix = prefix.utf8
    return String(unsafeUninitializedCapacity: prefix.count + 36) { buffer in
        var position = 0
        for byte in prefix {
            buffer[position] = byte
            position += 1
        }
        for digit in 0..<32 {
            if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                buffer[position] = UInt8(ascii: "-")
                position += 1
            }
            let word = digit < 16 ? high : low
            let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (digit & 15))) & 15
            buffer[position] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
            position += 1
        }
        return position
    }
}
