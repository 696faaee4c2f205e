/// Where an instance is in its life, as its host knows it.
struct Life: Sendable {
    /// The states of the header, and what is between them.
    enum Phase: Int, Comparable, Sendable {
        case creating, created, ready, configured, starting, running, stopped, failed, destroyed

        static func < (one: Phase, other: Phase) -> Bool { one.rawValue < other.rawValue }
    }

    var phase = Phase.creating
    var isConfiguring = false
    /// Whether callbacks may begin.
    var isOpen = false

    /// When a host function may be called, beside `log` and the like, which may always be.
    enum Window: Sendable {
        /// From `setup` on.
        case always
        /// RUNNING, and while start is under way.
        case serving
        /// The same, and while configure is under way.
        case servingOrConfiguring
        /// From READY until start completes.
        case beforeRunning
    }

    /// Whether a function with this window may be called now.
    func isInside(_ window: Window) -> Bool {
        switch window {
        case .always: true
        case .serving: phase == .starting || phase == .running
        case .servingOrConfiguring: phase == .starting || phase == .running || isConfiguring
        case .beforeRunning: phase < .running
        }
    }
}
