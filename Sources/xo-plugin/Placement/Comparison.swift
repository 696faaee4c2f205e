import XOJSON

/// Compares what is seen under usual and under other circumstances; returns the first step of both that differs.
///
/// What differs between two runs under the usual circumstances is not compared: times, counters, random ids. And who
/// differs has to do so again, since something may seem stable by chance.
func findDifference(
    usual: () throws -> Transcript, other: () throws -> Transcript
) throws -> (usual: Transcript.Step, other: Transcript.Step)? {
    let (first, suspect) = (try usual(), try other())
    var pattern = TranscriptPattern(first)
    guard pattern.firstDifference(suspect) != nil else { return nil }
    pattern.widen(by: try usual())
    guard pattern.firstDifference(suspect) != nil else { return nil }
    pattern.widen(by: try usual())
    guard let place = pattern.firstDifference(suspect), try pattern.firstDifference(other()) != nil else { return nil }
    return (first.steps[place], suspect.steps[place])
}

/// Does the same with the plugin in both placements, and fails the test if something else is seen.
func comparePlacements(_ context: TestContext, _ actions: (PlacedPlugin) throws -> Void) throws {
    let scene = try Scene(context)
    var refusals: [Placement: String] = [:]
    func run(_ placement: Placement) throws -> Transcript {
        let plugin = try PlacedPlugin(context, scene, placement)
        if plugin.load() { try actions(plugin) } else { refusals[placement] = plugin.state()["error"]?.string ?? "" }
        return plugin.transcript
    }
    if let (inside, isolated) = try findDifference(usual: { try run(.inside) }, other: { try run(.isolated) }) {
        let (one, other) = differing(inside.seen.description, isolated.seen.description)
        throw Breach(
            .finding,
            "\(inside.briefAction) gives \(one) \(Placement.inside.description), and \(other) "
                + "\(Placement.isolated.description).")
    }
    if refusals.count == 2, let reason = refusals[.inside] { throw NotApplicable.doesNotStart(reason) }
}

extension NotApplicable {
    static func doesNotStart(_ reason: String) -> NotApplicable {
        NotApplicable(
            "it does not start under xo-host: \(reason); what it needs of other plugins comes with --with FILE.so, what "
                + "its configuration lacks with --configuration FILE.json")
    }
}

/// The parts of two texts in which they begin to differ.
func differing(_ one: String, _ other: String) -> (String, String) {
    let (one, other) = (Array(one), Array(other))
    let same = zip(one, other).prefix { $0 == $1 }.count
    let (start, length) = (max(0, same - 60), 160)
    func part(_ text: [Character]) -> String {
        let end = min(text.count, start + length)
        return (start > 0 ? "…" : "") + String(text[min(start, end)..<end]) + (end < text.count ? "…" : "")
    }
    return (part(one), part(other))
}
