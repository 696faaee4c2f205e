import CXOPlugin
import Glibc
import XOProtocol

/// Gives back the payloads that the plugin has moved to the host: each once, on a thread that knows nothing of the
/// plugin, and not before it is told to.
final class Releaser: @unchecked Sendable {
    // Unchecked: a buffer belongs to the host from `take` on, and to the lane's thread once it is released.

    private struct Held {
        let buffer: xo_buf
        let copy: [UInt8]
    }

    private struct State {
        var held: [Held] = []
        var releasingThread: pthread_t?
    }

    private let journal: Journal
    private let lane = Lane(.one)
    private let state = Monitor(State())
    /// Whether payloads are kept until ``releaseAll(patience:)``.
    private let isPatient: Bool

    init(journal: Journal, isPatient: Bool) {
        self.journal = journal
        self.isPatient = isPatient
    }

    /// Whether the calling thread is inside a release function of the plugin.
    var isReleasing: Bool { state.withLock { $0.releasingThread == pthread_self() } }

    /// Takes a buffer over and returns a copy of what is in it; empty if its view lies.
    func take(_ buffer: xo_buf, from function: String) -> [UInt8] {
        guard let bytes = UnsafeRawBufferPointer(view: buffer.ptr, buffer.len) else {
            journal.note(
                .badResult,
                "It passes \(function) a payload of \(buffer.len) bytes at \(buffer.ptr == nil ? "NULL" : "an address")."
            )
            release(Held(buffer: buffer, copy: []))
            return []
        }
        let copy = [UInt8](bytes)
        let held = Held(buffer: buffer, copy: copy)
        if isPatient { state.withLock { $0.held.append(held) } } else { release(held) }
        return copy
    }

    /// Releases what is held, and waits for the plugin to be done with all.
    func releaseAll(patience: Int64) {
        for held in state.withLock({ state in
            defer { state.held = [] }
            return state.held
        }) { release(held) }
        lane.drain(patience: patience)
    }

    private func release(_ held: Held) {
        lane.run("release") { [self] in
            if let bytes = UnsafeRawBufferPointer(view: held.buffer.ptr, held.buffer.len) {
                if !bytes.elementsEqual(held.copy) {
                    journal.note(
                        .payloadChanged, "A payload of \(held.copy.count) bytes changes after it was handed over.")
                }
                if held.buffer.flags & UInt32(XO_BUF_SECRET) != 0, let start = bytes.baseAddress {
                    memset(UnsafeMutableRawPointer(mutating: start), 0, bytes.count)
                }
            }
            guard let release = held.buffer.release else { return }
            state.withLock { $0.releasingThread = pthread_self() }
            release(held.buffer.owner)
            state.withLock { $0.releasingThread = nil }
        }
    }
}
