/// One test of the suite. Adding one is adding an entry to the list of its group.
struct ConformanceTest: Sendable {
    /// What tests are about.
    enum Group: String, CaseIterable, Sendable {
        case binary
        case entry
        case lifeCycle = "life-cycle"
        case tables
        case threads
        case exactlyOnce = "exactly-once"
        case memory
        case configuration
        case transports
        case auth
        case placement
        case crash
    }

    let group: Group
    let name: String
    /// The sentence of the contract that it holds the plugin to.
    let rule: String
    /// What an author does about a failure.
    let remedy: String
    /// The breaches that fail it, wherever they are noted; others only keep it from going on.
    let judges: Set<Breach.Kind>
    /// Whether the process of the test ends in the ordinary way, with the destructors of all libraries.
    let endsOrdinarily: Bool
    /// Throws a ``Breach`` or ``NotApplicable``; returns if it found nothing.
    let body: @Sendable (TestContext) throws -> Void

    init(
        _ group: Group, _ name: String, rule: String, remedy: String, judges: Set<Breach.Kind> = [],
        endsOrdinarily: Bool = false, body: @escaping @Sendable (TestContext) throws -> Void
    ) {
        self.group = group
        self.name = name
        self.rule = rule
        self.remedy = remedy
        self.judges = judges
        self.endsOrdinarily = endsOrdinarily
        self.body = body
    }

    /// `GROUP/NAME`.
    var id: String { "\(group.rawValue)/\(name)" }
}
