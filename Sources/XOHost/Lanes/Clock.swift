import Glibc
import HeapModule
import Synchronization

/// Calls back later. One thread, which sleeps until the next moment that somebody asked for.
final class Clock: Sendable {
    /// Something to be done later, once, unless it is cancelled before: which may happen before it is set, too.
    final class Alarm: Sendable {
        private enum State {
            case new
            case set(@Sendable () -> Void)
            case over
        }

        private let state = Mutex(State.new)

        /// `false` if it has been cancelled.
        fileprivate func set(_ work: @escaping @Sendable () -> Void) -> Bool {
            state.withLock { state in
                guard case .new = state else { return false }
                state = .set(work)
                return true
            }
        }

        /// Ends it. Only one caller gets the work.
        fileprivate func take() -> (@Sendable () -> Void)? {
            state.withLock { state in
                defer { state = .over }
                if case .set(let work) = state { return work } else { return nil }
            }
        }

        fileprivate var isPending: Bool {
            state.withLock { if case .set = $0 { true } else { false } }
        }
    }

    private struct Entry: Comparable {
        let deadline: Int64
        let sequence: UInt64
        let alarm: Alarm

        static func < (left: Entry, right: Entry) -> Bool {
            (left.deadline, left.sequence) < (right.deadline, right.sequence)
        }

        static func == (left: Entry, right: Entry) -> Bool { left.sequence == right.sequence }
    }

    private struct State {
        var entries = Heap<Entry>()
        /// About how many of the entries have been cancelled.
        var cancelled = 0
        var nextSequence: UInt64 = 0
        var isRunning = false
    }

    private let state = Locked(State())

    /// The monotonic clock, in nanoseconds.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Runs `work` on the clock's own thread: it must be short and not call plugins.
    @discardableResult
    func after(nanoseconds: Int64, _ work: @escaping @Sendable () -> Void) -> Alarm {
        let (deadline, isTooFar) = Clock.now.addingReportingOverflow(max(0, nanoseconds))
        let alarm = Alarm()
        set(alarm, at: isTooFar ? .max : deadline, work)
        return alarm
    }

    /// The same at a moment of the monotonic clock, with an alarm that may have been cancelled already.
    func set(_ alarm: Alarm, at deadline: Int64, _ work: @escaping @Sendable () -> Void) {
        guard alarm.set(work) else { return }
        let (start, isNext) = state.withLock { state in
            let isNext = state.entries.min.map { deadline < $0.deadline } ?? true
            state.entries.insert(Entry(deadline: deadline, sequence: state.nextSequence, alarm: alarm))
            state.nextSequence += 1
            defer { state.isRunning = true }
            return (!state.isRunning, isNext)
        }
        if start {
            // Without a thread now, the next alarm tries again.
            if !Thread.start(name: "clock", { [self] in run() }) { state.withLock { $0.isRunning = false } }
        } else if isNext {
            state.signal()
        }
    }

    /// Forgets an alarm that has not gone off yet. Most never do: so the cancelled ones are swept out together, when
    /// there are more of them than of others.
    func cancel(_ alarm: Alarm) {
        guard alarm.take() != nil else { return }
        state.withLock { state in
            state.cancelled += 1
            guard state.cancelled > 64, state.cancelled * 2 > state.entries.count else { return }
            state.entries = Heap(state.entries.unordered.filter(\.alarm.isPending))
            state.cancelled = 0
        }
    }

    private func run() {
        while true {
            let alarm: Alarm = state.wait { state in
                guard let next = state.entries.min else { return .wait(until: nil) }
                guard next.deadline <= Clock.now else { return .wait(until: next.deadline) }
                return .found(state.entries.removeMin().alarm)
            }
            if let work = alarm.take() {
                work()
            } else {
                state.withLock { $0.cancelled = max(0, $0.cancelled - 1) }
            }
        }
    }
}
