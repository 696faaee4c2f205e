/// Frames of a client: final text frames with a masking key of zeros, which is legal and leaves the text as it is.
enum FrameWriter {
    static func text(_ payload: some Collection<UInt8>) -> [UInt8] {
        var frame: [UInt8] = [0x81]
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default:
            frame.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                frame.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        frame += [0, 0, 0, 0]
        frame += payload
        return frame
    }
}
