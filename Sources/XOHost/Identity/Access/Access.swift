import Synchronization

/// What somebody may do with objects, made of all entries of access lists that name the user or one of its groups.
///
/// Never changed: another right makes another one. Shared by all sessions that have the same rights, which is how the
/// host knows that they are to be told the same.
final class Access: Sendable {
    /// Everything with all objects: administrators, and the host itself.
    static let everything = Access([:])
    static let nothing = Access([:])

    /// The right on each object that an entry names. It holds for what belongs to that object, too.
    let grants: [String: ObjectRight]

    fileprivate init(_ grants: [String: ObjectRight]) { self.grants = grants }

    var isEverything: Bool { self === Access.everything }
    var isNothing: Bool { grants.isEmpty && !isEverything }
}

/// Finds the instance that grants the same, as long as somebody has it.
final class AccessTable: Sendable {
    private struct Reference {
        weak var access: Access?
    }

    private struct State {
        var references: [[String: ObjectRight]: Reference] = [:]
        /// So many references make it worth looking for those that nobody has any more.
        var nextCleaning = 64
    }

    private let state = Mutex(State())

    func access(granting grants: [String: ObjectRight]) -> Access {
        guard !grants.isEmpty else { return .nothing }
        return state.withLock { state in
            if let known = state.references[grants]?.access { return known }
            if state.references.count >= state.nextCleaning {
                state.references = state.references.filter { $0.value.access != nil }
                state.nextCleaning = max(64, 2 * state.references.count)
            }
            let access = Access(grants)
            state.references[grants] = Reference(access: access)
            return access
        }
    }
}
