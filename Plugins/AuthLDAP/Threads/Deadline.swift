import Glibc

/// A moment by the monotonic clock until which something must be done.
struct Deadline: Sendable, Comparable {
    /// By `CLOCK_MONOTONIC`.
    private let nanoseconds: Int64

    private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    static var now: Deadline {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Deadline(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func after(_ duration: Duration) -> Deadline {
        Deadline(nanoseconds: now.nanoseconds + Int64(duration / .nanoseconds(1)))
    }

    static func < (one: Deadline, other: Deadline) -> Bool { one.nanoseconds < other.nanoseconds }

    /// The part of the way to this deadline that one of `count` attempts may take.
    func share(of count: Int) -> Deadline {
        let now = Deadline.now.nanoseconds
        return Deadline(nanoseconds: now + max(0, nanoseconds - now) / Int64(max(1, count)))
    }

    /// How long until then; not negative.
    var timeLeft: Duration { .nanoseconds(max(0, nanoseconds - Deadline.now.nanoseconds)) }
    /// How long ago it was; not negative.
    var age: Duration { .nanoseconds(max(0, Deadline.now.nanoseconds - nanoseconds)) }
    var hasPassed: Bool { self <= .now }
    /// The same for `poll`: rounded up, so that nobody asks again too early.
    var millisecondsLeft: Int32 { Int32(clamping: Int64((timeLeft / .milliseconds(1)).rounded(.up))) }
}
