import Glibc

/// The processes of this machine, as /proc shows them.
enum Processes {
    /// One of them.
    struct Process {
        let id: pid_t
        /// What it was started with, and its name first; empty if it has ended and nobody has waited for it.
        let arguments: [String]
        let isZombie: Bool
    }

    /// The children of a process.
    static func children(of parent: pid_t) -> [Process] {
        Files.names(in: "/proc/\(parent)/task").flatMap { thread -> [Process] in
            let text = (try? ProcessInformation.read("children", of: "\(parent)/task/\(thread)")) ?? []
            return String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
                .compactMap(process)
        }
    }

    /// Whether it has not ended yet.
    static func isAlive(_ id: pid_t) -> Bool { process(id).map { !$0.isZombie } ?? false }

    private static func process(_ id: pid_t) -> Process? {
        guard let stat = try? ProcessInformation.read("stat", of: "\(id)"),
            let end = stat.lastIndex(of: UInt8(ascii: ")")), stat.count > end + 2
        else { return nil }
        let arguments = (try? ProcessInformation.read("cmdline", of: "\(id)")) ?? []
        return Process(
            id: id, arguments: arguments.split(separator: 0).map { String(decoding: $0, as: UTF8.self) },
            isZombie: stat[end + 2] == UInt8(ascii: "Z"))
    }

    /// Those that were started with this variable, which what they start inherits: also when their parent is gone.
    ///
    /// - Parameter variable: as `NAME=VALUE`.
    static func started(with variable: String) -> [Process] {
        let mark = Array(variable.utf8)[...]
        return Files.names(in: "/proc").compactMap { pid_t($0) }.filter { id in
            let environment = (try? ProcessInformation.read("environ", of: "\(id)")) ?? []
            return environment.split(separator: 0).contains(mark)
        }.compactMap(process)
    }
}
