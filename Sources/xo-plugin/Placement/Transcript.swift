import XOJSON

/// What was done with a plugin, and what was seen.
struct Transcript {
    /// One action.
    struct Step {
        /// For people, such as `flawed.echo {"text":"a"}`.
        let action: String
        let seen: JSON

        /// What fits into a sentence of it.
        var briefAction: String { action.count <= 120 ? action : "\(action.prefix(120))…" }
    }

    private(set) var steps: [Step] = []
    /// Whether there was more to do than time for it.
    private(set) var isCutShort = false

    /// Adds a step.
    mutating func note(_ action: String, _ seen: JSON) { steps.append(Step(action: action, seen: seen)) }

    /// What follows was not done, or not seen.
    mutating func cutShort() { isCutShort = true }
}

/// What several transcripts of the same actions have in common.
struct TranscriptPattern {
    private var patterns: [Pattern]

    init(_ transcript: Transcript) {
        patterns = transcript.steps.map { Pattern($0.seen) }
    }

    /// What differs there does not count any more.
    mutating func widen(by other: Transcript) {
        // One that was cut short by the clock says nothing of what comes behind.
        patterns = zip(patterns, other.steps).map { $0.widened(by: $1.seen) }
    }

    /// The first step that does not fit, and where in it.
    func firstDifference(_ other: Transcript) -> (step: Int, place: JSONPlace)? {
        for (step, (pattern, seen)) in zip(patterns, other.steps.lazy.map(\.seen)).enumerated() {
            if let place = pattern.deviation(of: seen) { return (step, place) }
        }
        return nil
    }

    /// Whether this step of another transcript does not fit.
    func differs(from other: Transcript, at step: Int) -> Bool {
        other.steps.indices.contains(step) && !patterns[step].fits(other.steps[step].seen)
    }
}
