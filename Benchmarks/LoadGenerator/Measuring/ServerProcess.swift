import Glibc

/// What the measured process uses, as the kernel counts it.
struct ServerProcess {
    let id: Int32

    /// Nanoseconds on a processor, of all its threads. The clock of the whole process counts to the nanosecond, where
    /// `/proc/PID/stat` counts in hundredths of a second.
    func cpu() throws -> Int64 {
        var clock = clockid_t()
        guard clock_getcpuclockid(id, &clock) == 0 else { throw BenchError("there is no process \(id)") }
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { throw BenchError.system("cannot read the clock of \(id)") }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
