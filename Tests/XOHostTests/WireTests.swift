import CXOPlugin
import Foundation
import Glibc
import Synchronization
import Testing

@testable import XOHost

/// The socket between host and runner, from its bad side.
struct WireTests {
    /// What arrives at one end of a channel when these bytes are written to the other, which is then closed.
    private func receive(_ bytes: [UInt8]) throws -> (functions: [UInt16], isMalformed: Bool) {
        var sockets: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0)
        let channel = Channel(descriptor: sockets[0], takesDescriptors: false)
        let writer = sockets[1]
        let isStarted = Thread.start(name: "writer") {
            _ = bytes.withUnsafeBytes { write(writer, $0.baseAddress, $0.count) }
            close(writer)
        }
        try #require(isStarted)
        var functions: [UInt16] = []
        do throws(MalformedFrame) {
            try channel.receive { functions.append($0.function) }
            return (functions, false)
        } catch {
            return (functions, true)
        }
    }

    private func frame(_ function: UInt16, length: UInt32? = nil, _ payload: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.write(length ?? UInt32(payload.count))
        writer.write(function)
        writer.write(UInt16(0))
        return writer.bytes + payload
    }

    @Test func framesArriveWholeHoweverTheyAreCut() throws {
        let payload = [UInt8](repeating: 7, count: 100_000)
        let bytes = frame(1, []) + frame(2, payload) + frame(3, [1])
        #expect(try receive(bytes) == ([1, 2, 3], false))
        // The end of the last one is missing: as if the sender had died.
        for count in [1, 7, 8, 9, 50_000, bytes.count - 1] {
            let (functions, isMalformed) = try receive(Array(bytes.prefix(count)))
            #expect(functions.count < 3 && !isMalformed)
        }
    }

    @Test func aLengthThatLiesEndsIt() throws {
        #expect(try receive(frame(1, [2]) + frame(2, length: .max, [3])) == ([1], true))
    }

    /// One that has limited room waits for its reader, and loses nothing.
    @Test func whoFloodsHasToWait() throws {
        var sockets: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0)
        let (room, size, count) = (1 << 20, 100_000, 200)
        let sender = Channel(descriptor: sockets[0], takesDescriptors: false, room: room)
        let receiver = Channel(descriptor: sockets[1], takesDescriptors: false)
        let most = Mutex(0)
        let isStarted = Thread.start(name: "flood") {
            for _ in 0..<count {
                sender.send(HostFunction.log) { $0.write([UInt8](repeating: 7, count: size)) }
                most.withLock { $0 = max($0, sender.queuedBytes) }
            }
            sender.send(HostFunction.complete)
        }
        try #require(isStarted)
        // Not before the flood would be over if nothing held it back: it stands at the limit.
        while sender.queuedBytes < room { sched_yield() }
        var received: [UInt16] = []
        try receiver.receive {
            received.append($0.function)
            if $0.function == HostFunction.complete.rawValue { sender.close() }
        }
        #expect(received.count == count + 1)
        #expect(most.withLock { $0 } < room + 2 * size)
    }

    @Test func aDescriptorComesWithItsFrame() throws {
        var sockets: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0)
        let sender = Channel(descriptor: sockets[0], takesDescriptors: false)
        let receiver = Channel(descriptor: sockets[1], takesDescriptors: true)
        var pipes: [Int32] = [-1, -1]
        try #require(pipe(&pipes) == 0)
        let readEnd = OwnedDescriptor(pipes[0])
        let writeEnd = pipes[1]
        // What the socket does not take at once is sent by a thread; the descriptor goes with its own frame all the same.
        let long = [UInt8](repeating: 1, count: 4 << 20)
        let isStarted = Thread.start(name: "sender") {
            sender.send(PluginFunction.kick) { $0.write(long) }
            sender.send(.onListening, passing: DescriptorInTransit(OwnedDescriptor(writeEnd)))
            sender.send(PluginFunction.kick) { $0.write(UInt64(1)) }
            sender.send(PluginFunction.destroy)
        }
        try #require(isStarted)
        var came: [(function: UInt16, hasDescriptor: Bool)] = []
        try receiver.receive { (frame) throws(MalformedFrame) in
            came.append((frame.function, frame.payload.descriptor != nil))
            if let descriptor = frame.payload.descriptor?.take() {
                _ = descriptor.withNumber { write($0, "x", 1) }
            }
            if frame.function == PluginFunction.destroy.rawValue { receiver.close() }
        }
        #expect(came.map(\.hasDescriptor) == [false, true, false, false])
        var byte: UInt8 = 0
        #expect(readEnd.withNumber { read($0, &byte, 1) } == 1 && byte == UInt8(ascii: "x"))
        // All copies are closed: the pipe is at its end.
        #expect(readEnd.withNumber { read($0, &byte, 1) } == 0)
    }

    @Test func descriptorsWhereNoneBelongEndIt() throws {
        var sockets: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0)
        let channel = Channel(descriptor: sockets[0], takesDescriptors: false)
        let liar = OwnedDescriptor(sockets[1])
        var pipes: [Int32] = [-1, -1]
        try #require(pipe(&pipes) == 0)
        let readEnd = OwnedDescriptor(pipes[0])
        let writeEnd = OwnedDescriptor(pipes[1])
        let bytes = frame(1, [])
        let sent = liar.withNumber { liar in
            bytes.withUnsafeBytes { bytes in
                writeEnd.withNumber { PassedDescriptors.send(liar, bytes, $0, flags: 0) }
            }
        }
        #expect(sent == bytes.count)
        #expect(throws: MalformedFrame.self) { try channel.receive { _ in } }
        close(writeEnd.take())
        var byte: UInt8 = 0
        #expect(readEnd.withNumber { read($0, &byte, 1) } == 0, "nobody has kept it")
    }

    @Test func aFlagWithoutItsDescriptorEndsIt() throws {
        var writer = WireWriter()
        writer.write(UInt32(0))
        writer.write(UInt16(1))
        writer.write(UInt16(2))
        #expect(try receive(writer.bytes) == ([], true))
    }

    @Test func whatIsReadIsWhatWasWritten() throws {
        var writer = WireWriter()
        writer.write(Int32(-5))
        writer.write("é\u{0}x")
        writer.write([UInt8]([1, 2, 3]))
        writer.write(2.5)
        writer.write([UInt64(7), 8]) { $0.write($1) }
        try writer.bytes.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            #expect(try reader.number(Int32.self) == -5)
            #expect(try reader.string() == "é\u{0}x")
            #expect(Array(try reader.content()) == [1, 2, 3])
            #expect(try reader.double() == 2.5)
            #expect(
                try reader.list(minimum: 8) { (reader) throws(MalformedFrame) in try reader.number(UInt64.self) } == [
                    7, 8,
                ])
            try reader.expectEnd()
        }
    }

    /// Whatever bytes come, each read gives a value or says that there is none.
    @Test func noBytesCrashAReader() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...64, using: &random)).map { _ in
                Bool.random() ? UInt8.random(in: 0...255, using: &random) : [0, 1, 0x7f, 0xff].randomElement() ?? 0
            }
            bytes.withUnsafeBytes { bytes in
                for read in WireTests.reads {
                    var reader = WireReader(bytes)
                    while (try? read(&reader)) != nil {}
                }
            }
        }
    }

    /// What a fuzzer has found, an input for each piece of code that it reached; see scripts/fuzz.
    @Test func noFramesOfAHostileRunnerDoHarm() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/frames")
        let inputs = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(inputs.count > 100)
        let runner = try #require(HostileRunner())
        var (taken, malformed) = (0, 0)
        for input in inputs {
            let outcome = try Data(contentsOf: input).withUnsafeBytes { runner.receive($0) }
            taken += outcome.taken
            if outcome.isMalformed { malformed += 1 }
        }
        #expect(taken > 0 && malformed > 0)
    }

    private static let reads: [@Sendable (inout WireReader) throws -> Void] = [
        { _ = try $0.number(UInt64.self) }, { _ = try $0.string() }, { _ = try $0.content() },
        { _ = try $0.messages() },
        { _ = try $0.peer() }, { _ = try RunnerTask(&$0) }, { _ = try Offer(&$0) }, { try $0.request { _ in } },
        { try $0.response { _ in } }, { _ = try PluginInfo(&$0, path: "x") },
        { _ = try $0.list(minimum: 8) { (reader) throws(MalformedFrame) in try reader.text() } },
    ]

    /// Numbers on the wire are places in the tables.
    @Test func functionsAreNumberedByTheirSlots() {
        func slot<T>(_ path: PartialKeyPath<T>) -> UInt16 { UInt16((MemoryLayout<T>.offset(of: path) ?? 0) / 8) }
        #expect(PluginFunction.configure.rawValue == slot(\xo_instance.configure))
        #expect(PluginFunction.cancel.rawValue == slot(\xo_instance.cancel))
        #expect(PluginFunction.invoke.rawValue & 0xff == slot(\xo_methods.invoke))
        #expect(PluginFunction.onUnsubscribed.rawValue & 0xff == slot(\xo_events.on_unsubscribed))
        #expect(PluginFunction.onHTTPResponse.rawValue & 0xff == slot(\xo_transport.on_http_response))
        #expect(HostFunction.complete.rawValue == slot(\xo_host.complete))
        #expect(HostFunction.cancelCall.rawValue & 0xff == slot(\xo_calls_host.cancel))
        #expect(HostFunction.sourceClose.rawValue & 0xff == slot(\xo_objects_host.source_close))
        #expect(HostFunction.publish.rawValue & 0xff == slot(\xo_events_host.publish))
        #expect(HostFunction.respond.rawValue & 0xff == slot(\xo_http_host.respond))
        #expect(PluginFunction.onListening.rawValue & 0xff == slot(\xo_transport.on_listening))
        #expect(HostFunction.unlisten.rawValue & 0xff == slot(\xo_transport_host.unlisten))
        #expect(HostFunction.storeList.rawValue & 0xff == slot(\xo_store_host.list))
        #expect(PluginFunction.authPage.rawValue & 0xff == slot(\xo_auth.page))
        #expect(HostFunction.authRevoke.rawValue & 0xff == slot(\xo_auth_host.revoke))
        #expect(HostFunction.metricObserve.rawValue & 0xff == slot(\xo_metrics_host.observe))
    }
}
