import Glibc

/// Clocks, in nanoseconds.
enum Time {
    static var now: Int64 { read(CLOCK_MONOTONIC) }

    /// What this process has used of the processors.
    static var ownCPU: Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
