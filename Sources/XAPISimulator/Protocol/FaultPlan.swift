/// A way in which the server misbehaves.
public enum Fault: Sendable, Hashable {
    /// Calls are carried out, but their answers are kept back until ``SimulatedPool/heal()``.
    case stall
    /// The connection is closed after half of an answer.
    case dropConnection
    /// Instead of an answer comes something that is neither JSON nor XML.
    case garbage
    /// Answers are late by this.
    case latency(Duration)
}

/// Which faults the next answers have.
struct FaultPlan {
    private var current: Fault?
    /// How many answers are left to be spoilt; `nil` is all of them.
    private(set) var remaining: Int?
    /// Answers that are kept back.
    var held: [() -> Void] = []

    mutating func inject(_ fault: Fault, times: Int?) {
        current = fault
        remaining = times
    }

    /// The fault of the answer that is about to be sent.
    mutating func next() -> Fault? {
        guard let fault = pending else { return nil }
        remaining = remaining.map { $0 - 1 }
        return fault
    }

    /// The fault that the next answer will have.
    var pending: Fault? { remaining == 0 ? nil : current }

    /// Ends all faults, and returns the answers that were kept back.
    mutating func heal() -> [() -> Void] {
        defer { self = FaultPlan() }
        return held
    }
}
