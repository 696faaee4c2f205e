/// Functions of the C library that do something to the process of which a plugin is a guest.
///
/// What a library *imports* says only that some path may call it; so there are two lists. The first has what no library
/// has a use for: it would end the daemon, copy it, replace it, or change for whom it acts. The second has what runtimes
/// and libraries that are linked statically import for good reasons, such as to ignore SIGPIPE, or to offer the function
/// to others; there the author has to know whether his own code calls it.
enum GuestFunctions {
    /// What each does to the process, by name.
    static let refused: [String: String] = table([
        ("ends the daemon", ["exit", "_exit", "_Exit", "quick_exit"]),
        (
            "copies the daemon, with its threads stopped in the middle of something",
            ["fork", "vfork", "_Fork", "daemon", "forkpty"]
        ),
        (
            "runs a program with the daemon's descriptors and signals, and waits for it",
            ["system", "popen", "wordexp"]
        ),
        (
            "puts another program in the daemon's place",
            ["execl", "execle", "execlp", "execv", "execve", "execvp", "execvpe", "fexecve", "execveat"]
        ),
        (
            "changes for whom the daemon acts",
            [
                "setuid", "seteuid", "setreuid", "setresuid", "setgid", "setegid", "setregid", "setresgid", "setgroups",
                "initgroups", "chroot", "unshare", "setns",
            ]
        ),
        ("looks into the daemon", ["ptrace", "process_vm_readv", "process_vm_writev"]),
    ])

    static let remarkable: [String: String] = table([
        (
            "signal handling",
            ["signal", "sigaction", "sigprocmask", "bsd_signal", "sigset", "sigignore", "siginterrupt"]
        ),
        ("the environment", ["setenv", "putenv", "unsetenv", "clearenv"]),
        ("the working folder", ["chdir", "fchdir"]),
        ("the mode of new files", ["umask"]),
        ("the locale", ["setlocale"]),
        ("libraries of others", ["dlclose"]),
        ("limits and timers", ["setrlimit", "setrlimit64", "setpriority", "nice", "alarm", "setitimer"]),
    ])

    /// The first of these functions that are refused, with what they do.
    static func complaints(_ imported: some Sequence<String>) -> [String] {
        imported.sorted().compactMap { name in refused[name].map { "\(name), which \($0)" } }
    }

    /// What is worth a word.
    static func remarks(_ imported: some Sequence<String>) -> [String] {
        imported.sorted().compactMap { name in remarkable[name].map { "\(name) (\($0))" } }
    }

    private static func table(_ groups: [(effect: String, names: [String])]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: groups.flatMap { effect, names in names.map { ($0, effect) } })
    }
}
