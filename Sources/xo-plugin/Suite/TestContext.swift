import Glibc

/// What a test works with.
final class TestContext {
    let subject: Subject
    let settings: TestSettings
    var random: SeededRandom
    /// When the test is ended, whatever it is at.
    private let deadline: Int64
    /// A folder of the test's own.
    private let folder: String
    private var folders = 0
    private var hosts: [CheckedHost] = []
    /// What is worth a word although the test passes.
    private(set) var remarks: [String] = []

    /// - Parameter library: the plugin's file.
    init(library: String, folder: String, settings: TestSettings) {
        self.settings = settings
        self.folder = folder
        deadline = MonotonicClock.now + settings.timeout
        subject = Subject(path: library, configuration: settings.configuration)
        random = SeededRandom(seed: settings.seed)
    }

    /// Says something with the verdict if the test passes.
    func remark(_ sentence: String) { remarks.append(sentence) }

    /// Says that something was not looked at for want of time.
    func remarkHaste() { remark("there was no time to compare all of it; a longer --timeout gives more.") }

    /// Nanoseconds that one step may take.
    var patience: Int64 { settings.patience }

    /// Nanoseconds until the end of the test.
    var timeLeft: Int64 { deadline - MonotonicClock.now }

    /// The path of a folder that nobody else has; it is not there yet.
    func newFolder() -> String {
        folders += 1
        return "\(folder)/\(folders)"
    }

    // MARK: Instances

    /// A new instance under a host of its own; nothing has been called yet.
    func makeInstance(_ plan: HostPlan = HostPlan()) throws -> PluginInstance {
        let number = hosts.count + 1
        let name = try subject.descriptor().id
        let dataDirectory = newFolder()
        guard mkdir(dataDirectory, 0o700) == 0 else { throw SystemError.current(dataDirectory, "be made") }
        let host = CheckedHost(plan, number: number, name: name, dataDirectory: dataDirectory)
        hosts.append(host)
        return PluginInstance(subject, host, patience: patience)
    }

    /// One that is set up.
    func readyInstance(_ plan: HostPlan = HostPlan()) throws -> PluginInstance {
        let instance = try makeInstance(plan)
        try instance.create()
        try instance.setUp()
        return instance
    }

    /// One that is configured.
    func configuredInstance() throws -> PluginInstance {
        let instance = try readyInstance()
        try instance.configure()
        return instance
    }

    /// One that runs.
    func runningInstance(_ plan: HostPlan = HostPlan()) throws -> PluginInstance {
        let instance = try makeInstance(plan)
        try instance.run()
        return instance
    }

    // MARK: What is seen

    /// What the hosts have noted.
    var breaches: [Breach] { hosts.flatMap(\.journal.breaches) }

    /// Does steps that fail the test if they fail, because it is for its circumstances that they do: they work
    /// otherwise.
    func expecting<Result>(_ circumstance: String, _ steps: () throws -> Result) throws -> Result {
        do {
            return try steps()
        } catch let breach as Breach where breach.kind.isStep && !settings.known.contains(breach.kind) {
            throw breach.asFinding(circumstance)
        }
    }
}
