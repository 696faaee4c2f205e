import XOJSON

/// Where two transcripts of the same actions differ.
struct Difference {
    /// What was done.
    let action: String
    /// Which part of what was seen; empty: all of it.
    let place: String
    /// What was seen there under the usual circumstances, and under others.
    let (usual, other): (String, String)

    /// What differs, for people, with the circumstances of both.
    func sentence(_ usually: String, _ otherwise: String) -> String {
        "\(action) gives \(place.isEmpty ? "" : "in `\(place)` ")\(usual) \(usually), and \(other) \(otherwise)."
    }
}

/// Compares what is seen under usual and under other circumstances.
///
/// What differs between two runs under the usual circumstances is not compared: times, counters, random ids. And who
/// differs has to do so again at the same action, since something may seem stable by chance.
///
/// - Throws: ``NotRun`` if there is not the time to look as often.
func findDifference(
    _ context: TestContext, usual: () throws -> Transcript, other: () throws -> Transcript
) throws -> Difference? {
    var longest: Int64 = 0
    func run(_ body: () throws -> Transcript) throws -> Transcript {
        guard context.timeLeft > longest else {
            throw NotRun("there is no time to see whether what differs does so always; give more with --timeout")
        }
        let begin = MonotonicClock.now
        defer { longest = max(longest, MonotonicClock.now - begin) }
        return try body()
    }
    let (first, suspect) = (try run(usual), try run(other))
    var pattern = TranscriptPattern(first)
    for _ in 0..<2 {
        guard pattern.firstDifference(suspect) != nil else { return nil }
        pattern.widen(by: try run(usual))
    }
    guard let (index, place) = pattern.firstDifference(suspect),
        try pattern.differs(from: run(other), at: index)
    else { return nil }
    let (one, two) = (first.steps[index], suspect.steps[index])
    let values = differing(place.value(in: one.seen).description, place.value(in: two.seen).description)
    return Difference(action: one.briefAction, place: place.description, usual: values.0, other: values.1)
}

/// The parts of two texts in which they begin to differ.
private func differing(_ one: String, _ other: String) -> (String, String) {
    let (one, other) = (Array(one), Array(other))
    let same = zip(one, other).prefix { $0 == $1 }.count
    let (start, length) = (max(0, same - 60), 160)
    func part(_ text: [Character]) -> String {
        let end = min(text.count, start + length)
        return (start > 0 ? "…" : "") + String(text[min(start, end)..<end]) + (end < text.count ? "…" : "")
    }
    return (part(one), part(other))
}
