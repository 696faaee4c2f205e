import FoundationEssentials
import Glibc
import Synchronization

/// Looks now and then how much memory of its own a process has: what is not in a file, so neither code nor what is mapped.
final class MemoryWatch: Sendable {
    private static let interval: Int64 = 250_000_000

    private let clock: Clock
    private let isOver = Atomic(false)

    init(clock: Clock) { self.clock = clock }

    /// Bytes; `nil` if there is no such process.
    static func privateBytes(of process: pid_t) -> Int? {
        let fields = (try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8))?.split(separator: " ")
        guard let fields, fields.count > 2, let resident = Int(fields[1]), let shared = Int(fields[2]) else {
            return nil
        }
        return (resident - shared) * sysconf(Int32(_SC_PAGESIZE))
    }

    /// - Parameter exceeded: gets the bytes once there are more than `limit`.
    func watch(_ process: pid_t, limit: Int, exceeded: @escaping @Sendable (Int) -> Void) {
        clock.after(nanoseconds: MemoryWatch.interval) { [self] in
            guard !isOver.load(ordering: .relaxed), let bytes = MemoryWatch.privateBytes(of: process) else { return }
            if bytes > limit { exceeded(bytes) } else { watch(process, limit: limit, exceeded: exceeded) }
        }
    }

    func end() { isOver.store(true, ordering: .relaxed) }
}
