/// What a test works with.
final class TestContext {
    let subject: Subject
    var random: SeededRandom
    /// What the plugin is known to be unable to do under ordinary circumstances, from tests before.
    private let known: Set<Breach.Kind>
    private var hosts: [CheckedHost] = []

    init(subject: Subject, seed: UInt64, known: Set<Breach.Kind>) {
        self.subject = subject
        self.known = known
        random = SeededRandom(seed: seed)
    }

    /// A new instance under a host of its own; nothing has been called yet.
    func makeInstance(_ plan: HostPlan = HostPlan()) throws(Breach) -> PluginInstance {
        _ = try subject.descriptor()
        let instance = PluginInstance(subject, plan, number: hosts.count + 1)
        hosts.append(instance.host)
        return instance
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

    /// What the hosts have noted.
    var breaches: [Breach] { hosts.flatMap(\.journal.breaches) }

    /// Does steps that fail the test if they fail, because it is for its circumstances that they do: they work
    /// otherwise.
    func expecting<Result>(_ circumstance: String, _ steps: () throws -> Result) throws -> Result {
        do {
            return try steps()
        } catch let breach as Breach where breach.kind.isStep && !known.contains(breach.kind) {
            throw breach.asFinding(circumstance)
        }
    }
}

/// Fails the test unless `condition` holds.
func require(_ condition: Bool, _ seen: @autoclosure () -> String) throws {
    if !condition { throw Breach(.finding, seen()) }
}
