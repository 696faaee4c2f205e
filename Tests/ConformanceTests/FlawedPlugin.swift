import Testing

/// A plugin of Tests/Fixtures/conformance, and what has to be found.
struct FlawedPlugin: Sendable, CustomTestStringConvertible {
    let name: String
    /// All tests that have to fail.
    let failing: Set<String>
    /// Part of what the first of them says it has seen.
    let saying: String
    let options: [String]

    var testDescription: String { name }

    init(_ name: String, _ failing: Set<String>, saying: String, options: [String] = []) {
        (self.name, self.failing, self.saying) = (name, failing, saying)
        self.options = options + (options.contains("--only") ? [] : FlawedPlugin.underOneHost)
    }

    /// Without those that run the plugin under the daemon, which take time.
    private static let underOneHost = ["--except", "placement", "--except", "crash"]

    private static func only(_ names: String...) -> [String] { names.flatMap { ["--only", $0] } }

    /// For those in which something never comes: it is waited for.
    private static let hurried = ["--timeout", "6"]
    /// For those in which it does not come in most tests.
    private static let hangs = ["--timeout", "6", "--only", "life-cycle"]
    private static let everyCall: Set = [
        "threads/changing-threads", "exactly-once/valid-parameters", "exactly-once/parameters-at-limits",
        "exactly-once/cancelled", "exactly-once/past-deadline", "exactly-once/stop-with-calls-under-way",
        "configuration/storm",
    ]

    /// Those in which something is waited for, and hardly anything done.
    static let slow = underHost.filter { $0.options.contains("--timeout") }
    static let quick = underHost.filter { !$0.options.contains("--timeout") }
    static let underDaemon = placement + crash

    static let all = underHost + underDaemon

    private static let underHost: [FlawedPlugin] =
        binary + entry + lifeCycle + tables + threads + exactlyOnce + memory + configuration + transports + auth

    private static let binary = [
        FlawedPlugin("exports-more", ["binary/exports"], saying: "flawed_helper"),
        FlawedPlugin("no-entry", ["binary/exports"], saying: "no function xo_plugin_entry"),
        FlawedPlugin("unresolved", ["binary/loads"], saying: "nobody_has_this"),
        FlawedPlugin("imports-by-luck", ["binary/imports"], saying: "cbrt"),
        FlawedPlugin("needs-companion", ["binary/needs"], saying: "libcompanion.so"),
        FlawedPlugin("deletable", ["binary/no-delete"], saying: "DF_1_NODELETE"),
        FlawedPlugin("ends-process", ["binary/guest"], saying: "exit, which ends the daemon"),
        FlawedPlugin("future-glibc", ["binary/glibc-floor", "binary/loads"], saying: "GLIBC_9.2.5"),
        FlawedPlugin("text-relocations", ["binary/text-relocations"], saying: "text relocations"),
        FlawedPlugin("relative-search-path", ["binary/search-path"], saying: "plugins/lib"),
    ]

    private static let entry = [
        FlawedPlugin("answers-nobody", ["entry/answers"], saying: "NULL for a host of version 1.0"),
        FlawedPlugin("other-magic", ["entry/library"], saying: "0x1122334455667788"),
        FlawedPlugin("short-library", ["entry/library"], saying: "struct_size"),
        FlawedPlugin("other-major", ["entry/library"], saying: "major is 2, expected 1"),
        FlawedPlugin("bad-id", ["entry/descriptor"], saying: "'Flawed Plugin'"),
        FlawedPlugin("broken-schema", ["entry/schema"], saying: "properties.mode.type"),
        FlawedPlugin("schema-not-json", ["entry/schema"], saying: "column 10"),
        FlawedPlugin("any-major", ["entry/unknown-majors"], saying: "majors 2 to 2"),
        FlawedPlugin("changes-library", ["entry/repeatable"], saying: "changes between two calls"),
        FlawedPlugin("library-per-thread", ["entry/concurrent"], saying: "8 different libraries"),
        FlawedPlugin("opens-in-entry", ["entry/pure"], saying: "10 open descriptors"),
        FlawedPlugin("reads-beyond-query", ["entry/short-query"], saying: "signal 11"),
        FlawedPlugin("exact-query", ["entry/long-query"], saying: "later minor version"),
    ]

    private static let lifeCycle = [
        FlawedPlugin("crashes-at-exit", ["life-cycle/describe"], saying: "signal 6"),
        FlawedPlugin("create-fails", ["life-cycle/create"], saying: "the moon is not full"),
        FlawedPlugin("create-stores-nothing", ["life-cycle/create"], saying: "stores no instance"),
        FlawedPlugin("setup-fails", ["life-cycle/setup"], saying: "the moon is not full"),
        FlawedPlugin("configure-fails", ["life-cycle/configure"], saying: "the moon is not full"),
        FlawedPlugin("start-fails", ["life-cycle/start"], saying: "the moon is not full"),
        FlawedPlugin("start-hangs", ["life-cycle/start"], saying: "not completed within", options: hangs),
        FlawedPlugin("stop-fails", ["life-cycle/stop"], saying: "status -14"),
        FlawedPlugin("stop-hangs", ["life-cycle/stop"], saying: "not completed within", options: hangs),
        FlawedPlugin("destroy-hangs", ["life-cycle/destroy"], saying: "does not return", options: hangs),
        FlawedPlugin("destroy-needs-setup", ["life-cycle/create-then-destroy"], saying: "signal 6"),
        FlawedPlugin("destroy-needs-configure", ["life-cycle/setup-then-destroy"], saying: "signal 6"),
        FlawedPlugin(
            "destroy-after-failed-configure",
            ["life-cycle/failed-configure-then-destroy", "memory/broken-configuration"], saying: "signal 6"),
        FlawedPlugin("destroy-while-starting", ["life-cycle/abandoned-start"], saying: "signal 6"),
        FlawedPlugin("believes-host", ["life-cycle/refused-by-host"], saying: "signal 6"),
        FlawedPlugin("needs-objects", ["life-cycle/without-extensions"], saying: "signal 11"),
        FlawedPlugin("starts-once", ["life-cycle/restart"], saying: "restart 1: start ends with status -11"),
        FlawedPlugin("one-at-a-time", ["life-cycle/second-instance"], saying: "setup fails"),
        FlawedPlugin(
            "answers-last-host", ["life-cycle/second-instance"], saying: "With two instances running",
            options: hurried),
        FlawedPlugin("once-per-process", ["life-cycle/create-after-destroy"], saying: "In life 2"),
        FlawedPlugin("calls-in-create", ["life-cycle/no-call-before-setup"], saying: "log_enabled before setup"),
        FlawedPlugin(
            "calls-after-destroy", ["life-cycle/silent-after-destroy"], saying: "after destroy has returned"),
    ]

    private static let tables = [
        FlawedPlugin("no-start", ["tables/mandatory-slots"], saying: "xo_instance.start"),
        FlawedPlugin("short-instance", ["tables/mandatory-slots"], saying: "xo_instance.destroy"),
        FlawedPlugin("catalogue-not-json", ["tables/catalogue"], saying: "not JSON"),
        FlawedPlugin("method-twice", ["tables/catalogue"], saying: "flawed.echo twice"),
        FlawedPlugin("no-permission", ["tables/catalogue"], saying: "permission null"),
        FlawedPlugin("bad-timeout", ["tables/catalogue"], saying: "timeout 0"),
        FlawedPlugin("bad-idempotent", ["tables/catalogue"], saying: "`idempotent` \"yes\", expected true or false"),
        FlawedPlugin("bad-right", ["tables/catalogue"], saying: "right \"own\""),
        FlawedPlugin("catalogue-changes", ["tables/steady-catalogue"], saying: "another catalogue"),
        FlawedPlugin("bad-parameter-schema", ["tables/parameter-schemas"], saying: "parameter text.type"),
        FlawedPlugin("ids-by-prefix", ["tables/unknown-extensions"], saying: "'xo.methods/1"),
        FlawedPlugin("tables-change", ["tables/steady-extensions"], saying: "xo.methods/1"),
        FlawedPlugin("exact-host", ["tables/later-host"], saying: "setup fails"),
        FlawedPlugin("reads-beyond-host", ["tables/nothing-behind-the-end"], saying: "signal 11"),
        FlawedPlugin("unknown-log-level", ["tables/arguments"], saying: "log level 99"),
    ]

    private static let threads = [
        FlawedPlugin("thread-bound", ["threads/changing-threads"], saying: "start ends with status -14"),
        FlawedPlugin("not-concurrent", ["threads/several-at-once"], saying: "not completed", options: hurried),
        FlawedPlugin("two-at-most", ["threads/instances-in-parallel"], saying: "4 instances"),
        FlawedPlugin(
            "blocks-lane", ["threads/short-calls"], saying: "setup took", options: ["--only", "threads"]),
    ]

    private static let exactlyOnce = [
        FlawedPlugin("completes-twice", everyCall, saying: "completed again, by xo_host.complete"),
        FlawedPlugin("returns-after-completing", everyCall, saying: "by the status 0 that the function returned"),
        FlawedPlugin("loses-long", ["exactly-once/parameters-at-limits"], saying: "not completed", options: hurried),
        FlawedPlugin(
            "loses-empty", ["exactly-once/empty-parameters", "exactly-once/random-parameters"],
            saying: "not completed", options: hurried),
        FlawedPlugin("loses-unknown", ["exactly-once/random-parameters"], saying: "not completed", options: hurried),
        FlawedPlugin("loses-late", ["exactly-once/past-deadline"], saying: "not completed", options: hurried),
        FlawedPlugin("cancel-completes-too", ["exactly-once/cancelled"], saying: "completed again"),
        FlawedPlugin(
            "stop-completes-too", ["exactly-once/stop-with-calls-under-way"], saying: "completed again"),
        FlawedPlugin("result-not-json", ["exactly-once/results"], saying: "not JSON"),
        FlawedPlugin("error-without-code", ["exactly-once/results"], saying: "without code"),
        FlawedPlugin("lying-result", ["exactly-once/results"], saying: "5 bytes at NULL"),
        FlawedPlugin("request-unanswered", ["exactly-once/requests"], saying: "not completed", options: hurried),
    ]

    private static let memory = [
        FlawedPlugin("keeps-borrowed", ["memory/borrowed"], saying: "signal 11"),
        FlawedPlugin("reuses-payload", ["memory/payloads"], saying: "changes after it was handed over"),
        FlawedPlugin("release-calls-host", ["memory/release"], saying: "inside the release function"),
        FlawedPlugin("believes-lengths", ["memory/lying-configuration"], saying: "signal 11"),
        FlawedPlugin("takes-any-configuration", ["memory/lying-configuration"], saying: "length above INT64_MAX"),
        FlawedPlugin(
            "believes-configuration", ["memory/broken-configuration"], saying: "signal 6"),
        FlawedPlugin("believes-parameters", ["memory/hostile-parameters"], saying: "signal 11"),
    ]

    private static let configuration = [
        FlawedPlugin("stuck-at-limit", ["configuration/limits"], saying: "After the configuration mode = \"b\""),
        FlawedPlugin("crashes-on-number", ["configuration/wrong-types"], saying: "signal 6"),
        FlawedPlugin("configures-twice-only", ["configuration/while-running"], saying: "configure ends with"),
        FlawedPlugin(
            "half-applies", ["configuration/rejected-while-running"], saying: "not completed", options: hurried),
        FlawedPlugin("tires-of-configuring", ["configuration/storm"], saying: "reconfiguration 20"),
    ]

    private static let transports = [
        FlawedPlugin("believes-tokens", ["transports/strange-values"], saying: "signal 6"),
        FlawedPlugin("ignores-busy", ["transports/busy"], saying: "before one is answered"),
        FlawedPlugin("uses-closed-session", ["transports/closed-sessions"], saying: "that it has closed"),
        FlawedPlugin("ignores-kick", ["transports/kick"], saying: "does not close", options: hurried),
        FlawedPlugin("ignores-refusal", ["transports/refused-sessions"], saying: "the session 0"),
        FlawedPlugin("believes-body", ["transports/responses", "transports/strange-values"], saying: "signal 11"),
        FlawedPlugin(
            "waits-for-answers", ["transports/stop-with-sessions"], saying: "not completed within", options: hurried),
        FlawedPlugin("believes-reason", ["transports/refused-sockets"], saying: "signal 11"),
        FlawedPlugin("leaks-at-refusal", ["transports/missing-socket"], saying: "still open", options: hurried),
        FlawedPlugin("leaks-late", ["transports/late-socket"], saying: "still open", options: hurried),
        FlawedPlugin("leaks-at-stop", ["transports/descriptors"], saying: "still open", options: hurried),
        FlawedPlugin("closes-twice", ["transports/descriptors"], saying: "closes the descriptor of a socket again"),
    ]

    private static let auth = [
        FlawedPlugin("offers-nothing", ["auth/offer"], saying: "It offers nothing"),
        FlawedPlugin("lacks-begin", ["auth/offer"], saying: "begin is NULL"),
        FlawedPlugin(
            "answers-twice",
            [
                "auth/questions", "auth/hostile-requests", "auth/cancelled", "auth/stop-with-questions-under-way",
            ], saying: "completed again, by xo_host.complete"),
        FlawedPlugin("forgets-people", ["auth/vouchers"], saying: "as many as were asked for"),
        FlawedPlugin(
            "lacks-subject", ["auth/vouchers", "auth/vouches"], saying: "It answers authenticate with no `subject`",
            options: signIn),
        FlawedPlugin("takes-beginning", ["auth/vouches"], saying: "comes with a wrong password", options: signIn),
        FlawedPlugin("takes-empty-password", ["auth/hostile-credentials"], saying: "whose name and password are"),
        FlawedPlugin("believes-names", ["auth/hostile-credentials"], saying: "signal 6"),
        FlawedPlugin("believes-requests", ["auth/hostile-requests"], saying: "signal 11"),
        FlawedPlugin("cancel-answers-too", ["auth/cancelled"], saying: "completed again"),
        FlawedPlugin(
            "stop-answers-too", ["auth/stop-with-questions-under-way"], saying: "completed again"),
        FlawedPlugin("keeps-credentials", ["auth/borrowed"], saying: "signal 11"),
        FlawedPlugin("tells-password", ["auth/secrets"], saying: "stands in the end of an operation"),
    ]
    private static let signIn = ["--sign-in", "alice:wonderland"]

    private static let placement = [
        FlawedPlugin(
            "answers-by-parent", ["placement/answers", "placement/restarts"],
            saying: "\"echo of a child\" in a process", options: only("placement")),
        FlawedPlugin(
            "answers-by-environment", ["placement/answers"], saying: "\"I know the password\" inside",
            options: only("placement/answers", "placement/files")),
        FlawedPlugin(
            "answers-by-descriptor", ["placement/answers"], saying: "\"alone\" in a process",
            options: only("placement/answers")),
        FlawedPlugin("objects-by-parent", ["placement/objects"], saying: "extra", options: only("placement")),
        FlawedPlugin(
            "publishes-by-parent", ["placement/events"], saying: "in `subject.echoed[0].as` \"a guest\" inside",
            options: only("placement/events", "placement/answers")),
        FlawedPlugin(
            "configures-by-parent", ["placement/configurations"], saying: "{\"mode\":\"b\"}",
            options: only("placement/configurations", "placement/answers")),
        FlawedPlugin(
            "restarts-by-parent", ["placement/restarts"], saying: "\"echo again\" in a",
            options: only("placement/restarts", "placement/answers")),
        FlawedPlugin(
            "responds-by-parent", ["placement/responses"], saying: "`status` 204 inside",
            options: only("placement/responses", "placement/answers")),
        FlawedPlugin(
            "serves-by-parent", ["placement/connections"], saying: "in `body` \"together\" inside",
            options: only("placement/connections", "placement/objects")),
        FlawedPlugin(
            "writes-at-home", ["placement/files"], saying: ".flawed in its home",
            options: only("placement/files", "placement/answers")),
    ]

    private static let crash = [
        FlawedPlugin("locks-at-start", ["crash/comes-back"], saying: "failed precondition", options: only("crash")),
        FlawedPlugin(
            "waits-for-lock", ["crash/answered", "crash/answers"], saying: "not answered any more",
            options: only("crash/answered", "crash/answers", "crash/comes-back") + ["--timeout", "15"]),
        FlawedPlugin(
            "half-stored", ["crash/answers"], saying: "\"half an echo\" when its process", options: only("crash")),
        FlawedPlugin(
            "objects-by-process", ["crash/objects"], saying: "when its process was killed",
            options: only("crash/objects", "crash/comes-back")),
        FlawedPlugin(
            "deaf-after-crash", ["crash/connections"], saying: "is answered 0 times", options: only("crash")),
        FlawedPlugin(
            "answers-clients-twice", ["crash/connections"], saying: "is answered 2 times",
            options: only("crash/connections", "placement/connections")),
        FlawedPlugin(
            "leaves-helper", ["crash/nothing-left"], saying: "sleep 15",
            options: only("crash/nothing-left", "crash/comes-back")),
    ]
}
