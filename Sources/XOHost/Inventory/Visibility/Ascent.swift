/// The way from an object up to all that it belongs to, each visited once. Links may run in circles: a disk belongs to
/// the drives that hold it, and a drive to its disk.
struct Ascent {
    struct Step {
        let id: String
        /// Reached through a disc that lies in a drive: what is beyond grants no more than looking at it.
        let isLent: Bool
        /// What was left for this one is a disk.
        let isFromDisk: Bool
    }

    /// More than this is not walked, which grants less.
    private static let maximumCount = 4096
    /// So few are looked through faster than they are put into a table.
    private static let fewCount = 16

    private var steps: [Step]
    /// By id, whether it was only reached as something lent.
    private var known: [String: Bool]?
    private var position = 0

    init(from id: String) { steps = [Step(id: id, isLent: false, isFromDisk: false)] }

    mutating func next() -> Step? {
        guard position < steps.count else { return nil }
        defer { position += 1 }
        return steps[position]
    }

    /// Whether the right on this object, and on what it belongs to, is for looking only.
    static func isLent(_ step: Step, _ parents: ObjectParents) -> Bool {
        step.isLent || step.isFromDisk && parents.isDiscDrive
    }

    /// Goes on to what the object of the last step belongs to.
    mutating func go(on parents: ObjectParents, isLent: Bool) {
        for id in parents.ids where steps.count < Ascent.maximumCount && note(id, isLent) {
            steps.append(Step(id: id, isLent: isLent, isFromDisk: parents.isOfDisk))
        }
    }

    /// Tells whether there is something new in going there.
    private mutating func note(_ id: String, _ isLent: Bool) -> Bool {
        if known == nil {
            if steps.count <= Ascent.fewCount { return !steps.contains { $0.id == id && (isLent || !$0.isLent) } }
            known = Dictionary(steps.map { ($0.id, $0.isLent) }, uniquingKeysWith: { $0 && $1 })
        }
        if let wasLent = known?[id], isLent || !wasLent { return false }
        known?[id] = isLent
        return true
    }
}
