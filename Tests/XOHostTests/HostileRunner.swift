import CXOPlugin

@testable import XOHost

/// Gives the host bytes as if a runner had sent them, up to the tables that they are meant for, which are empty.
struct HostileRunner {
    private let frames: HostFrames

    init?() {
        // A table of nothing but missing functions, for every id.
        let nothing = UnsafeMutableRawPointer.allocate(byteCount: 1024, alignment: 16)
        nothing.initializeMemory(as: UInt8.self, repeating: 0, count: 1024)
        var host = xo_host()
        host.struct_size = UInt32(MemoryLayout<xo_host>.size)
        host.ctx = nothing
        host.get_extension = { context, _ in UnsafeRawPointer(context) }
        let table = UnsafeMutablePointer<xo_host>.allocate(capacity: 1)
        table.initialize(to: host)
        let plugin = RemotePlugin(id: "hostile", library: "hostile.so", hangTimeout: .seconds(10), clock: Clock()) {
            _ in
        }
        guard let frames = HostFrames(host: table, plugin: plugin) else { return nil }
        self.frames = frames
    }

    /// Receives what a socket would bring; returns how many frames were taken, and whether one was malformed.
    func receive(_ bytes: UnsafeRawBufferPointer) -> (taken: Int, isMalformed: Bool) {
        var decoder = FrameDecoder()
        decoder.append(bytes)
        var descriptors: [DescriptorInTransit]?
        var taken = 0
        do throws(MalformedFrame) {
            while let frame = try decoder.next(&descriptors) {
                guard let function = HostFunction(rawValue: frame.function) else { throw MalformedFrame() }
                try frame.payload.read { (reader) throws(MalformedFrame) in
                    switch function {
                    case .loaded:
                        do {
                            _ = try PluginInfo(&reader, path: "hostile.so")
                        } catch {
                            throw MalformedFrame()
                        }
                    case .created: _ = try Offer(&reader)
                    case .failed: _ = try reader.string()
                    case .returned: _ = try reader.number(UInt64.self)
                    default: try frames.handle(function, &reader)
                    }
                }
                taken += 1
            }
            return (taken, false)
        } catch {
            return (taken, true)
        }
    }
}
