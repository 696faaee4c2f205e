import Glibc

/// A program that was started with descriptors of our choice, and that has to be waited for.
struct ChildProcess: Sendable {
    let id: pid_t

    /// How a program is started. Its input is empty.
    struct Plan {
        let executable: String
        /// What it is called, for ps and for people.
        let name: String
        /// What comes behind its name.
        let arguments: [String]
        /// As `NAME=VALUE`.
        let environment: [String]
        /// Which of our descriptors it gets, by what number.
        let descriptors: [(ours: Int32, its: Int32)]
        /// The folder in which it begins; `nil`: ours.
        var folder: String?
        /// Whether a signal to its process group reaches it and what it has started, and not us.
        var hasOwnGroup = false
    }

    init(_ plan: Plan) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (ours, its) in plan.descriptors { posix_spawn_file_actions_adddup2(&actions, ours, its) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        let group = plan.hasOwnGroup ? POSIX_SPAWN_SETPGROUP : 0
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | group))
        posix_spawnattr_setpgroup(&attributes, 0)
        // This process may have blocked some.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)

        var words = ([plan.name] + plan.arguments).map { strdup($0) } + [nil]
        var variables = plan.environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var child: pid_t = 0
        let status = Self.inside(plan.folder) {
            posix_spawn(&child, plan.executable, &actions, &attributes, &words, &variables)
        }
        guard status == 0 else {
            throw SystemError("\(plan.name) cannot be started: \(String(cString: strerror(status)))")
        }
        id = child
    }

    /// A child begins where its parent is: so we go there, and come back. (The function that would have the child go by
    /// itself is not among those that Swift is shown.)
    private static func inside<Result>(_ folder: String?, _ body: () -> Result) -> Result {
        guard let folder else { return body() }
        let here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        chdir(folder)
        defer {
            fchdir(here)
            close(here)
        }
        return body()
    }

    /// How it ended.
    struct End {
        fileprivate let status: Int32

        /// The signal that has ended it; 0: none.
        var signal: Int32 { status & 0x7F }
        /// The status with which it has ended by itself.
        var exitStatus: Int32 { status >> 8 & 0xFF }
        /// For people, as the end of "it …".
        var description: String {
            signal == 0
                ? "ends with the status \(exitStatus)"
                : "is ended by signal \(signal) (\(String(cString: strsignal(signal))))"
        }
    }

    /// Waits for its end. To be called once.
    func wait() -> End {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0 && errno == EINTR {}
        return End(status: status)
    }
}
