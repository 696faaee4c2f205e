/// Something that the plugin did against the contract, or did not do.
///
/// A breach may be seen in many tests; only those that name its kind among what they judge fail for it. So one fault
/// fails the test that is about it, and the others that cannot go on for it say so.
struct Breach: Error, Sendable {
    /// What a breach is about, by which tests claim theirs.
    enum Kind: String, Sendable {
        // What the file is.
        case cannotBeLoaded, noEntry, noLibrary, library, descriptor
        // The steps of its life.
        case create, setup, configure, start, stop, destroy
        // Its tables.
        case missingSlot, catalogue
        // What it does with the host's functions.
        case calledInCreate, calledAfterDestroy, calledInRelease, badArgument
        // What it does with operations.
        case completedTwice, neverCompleted, badResult
        // Payloads that it has handed over.
        case payloadChanged
        // Time in the lane.
        case laneBlocked
        // What a transport does with its sessions.
        case sessionMisused, busyIgnored
        // What a provider of identities says, and what it tells.
        case badOffer, badVoucher, secretTold
        // What becomes of it when its process ends.
        case comeBack
        /// What the test itself has found; judged always.
        case finding

        /// Whether it is a step of the life cycle that has failed.
        var isStep: Bool {
            switch self {
            case .create, .setup, .configure, .start, .stop, .destroy: true
            default: false
            }
        }
    }

    let kind: Kind
    /// What was seen, for people: a sentence.
    let seen: String

    /// Whether the plugin has said no to a step, which it may in some tests, and properly.
    let isRefusal: Bool

    init(_ kind: Kind, _ seen: String) { self.init(kind, seen, isRefusal: false) }

    init(_ kind: Kind, refusal seen: String) { self.init(kind, seen, isRefusal: true) }

    private init(_ kind: Kind, _ seen: String, isRefusal: Bool) {
        self.kind = kind
        self.seen = seen
        self.isRefusal = isRefusal
    }

    /// The same as what a test has found under certain circumstances.
    func asFinding(_ circumstance: String) -> Breach {
        Breach(.finding, "\(circumstance): \(seen)", isRefusal: isRefusal)
    }
}
