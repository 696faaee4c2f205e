import FoundationEssentials
import Glibc

/// What every Prometheus exporter tells about its process, under the customary names, and which build it is.
enum ProcessMetrics {
    static func register(in registry: MetricRegistry, version: String) throws(MetricError) {
        try registry.compute(
            .info, "xo_host_build", "The program that runs.", labels: ["version": version], owner: MetricRegistry.host
        ) { .value(1) }
        try registry.compute(
            .counter, "process_cpu_seconds", "User and system CPU time spent.", owner: MetricRegistry.host
        ) { .value(cpuSeconds()) }
        try registry.gauge("process_resident_memory_bytes", "Resident memory size.") { residentBytes() ?? .nan }
        try registry.gauge("process_open_fds", "Number of open file descriptors.") { openFiles() ?? .nan }
        let start = startTime() ?? .nan
        try registry.gauge("process_start_time_seconds", "Start time of the process since the Unix epoch.") { start }
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func residentBytes() -> Double? {
        let fields = read("/proc/self/statm")?.split(separator: " ")
        guard let fields, fields.count > 1, let pages = Double(fields[1]) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The directory is itself open while it is read.
    private static func openFiles() -> Double? {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count - 1) }
    }

    /// The kernel tells clock ticks since it was booted, and when that was.
    private static func startTime() -> Double? {
        // The second field, the program's name, may hold spaces and brackets; the 22nd is the 20th after it.
        let fields = read("/proc/self/stat")?.split(separator: ")").last?.split(separator: " ")
        let boot = read("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }?.dropFirst(6)
        guard let fields, fields.count > 19, let ticks = Double(fields[19]), let boot, let boot = Double(boot) else {
            return nil
        }
        return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
