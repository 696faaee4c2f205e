import Foundation
import Synchronization

/// Collects the lines that come out of a program, and lets tests wait for some.
public final class ProgramOutput: Sendable {
    private struct Waiter {
        let matches: @Sendable (String) -> Bool
        let continuation: CheckedContinuation<String?, Never>
    }

    private struct State {
        var bytes: [UInt8] = []
        var lines: [String] = []
        /// Where the last line begins that has no end yet.
        var lineStart = 0
        var isAtEnd = false
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    init(_ handle: FileHandle) {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                // Foundation would wait until the buffer is full.
                let count = read(handle.fileDescriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                add(buffer.prefix(count))
            }
            end()
        }
    }

    /// The complete lines so far.
    public var lines: [String] { state.withLock { $0.lines } }

    /// All of it, once the program has closed its end.
    public func all() async -> String {
        _ = await firstLine { _ in false }
        return state.withLock { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// The first line from number `start` on that matches; waits for one. `nil` if the output ends without.
    public func firstLine(from start: Int = 0, where matches: @escaping @Sendable (String) -> Bool) async -> String? {
        await withCheckedContinuation { continuation in
            let (isDecided, line) = state.withLock { state -> (Bool, String?) in
                if let line = state.lines.dropFirst(start).first(where: matches) { return (true, line) }
                if state.isAtEnd { return (true, nil) }
                state.waiters.append(Waiter(matches: matches, continuation: continuation))
                return (false, nil)
            }
            if isDecided { continuation.resume(returning: line) }
        }
    }

    private func add(_ part: ArraySlice<UInt8>) {
        let served = state.withLock { state -> [(Waiter, String)] in
            state.bytes += part
            var served: [(Waiter, String)] = []
            while let end = state.bytes[state.lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: state.bytes[state.lineStart..<end], as: UTF8.self)
                state.lineStart = end + 1
                state.lines.append(line)
                served += state.waiters.filter { $0.matches(line) }.map { ($0, line) }
                state.waiters.removeAll { $0.matches(line) }
            }
            return served
        }
        for (waiter, line) in served { waiter.continuation.resume(returning: line) }
    }

    private func end() {
        let waiters = state.withLock { state in
            state.isAtEnd = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }
}
