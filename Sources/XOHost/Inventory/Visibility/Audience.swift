/// Who is told of changes: the sessions with a user, grouped by what they may see. What a group is told is made once.
///
/// This is what has been told, not what holds: a session whose rights have changed stays where it was until it has been
/// told what is gone and what is new.
struct Audience {
    /// Sessions that see the same.
    struct Group {
        let access: Access
        fileprivate(set) var sessions: [UInt64: Session] = [:]
    }

    /// Whose session it is, and by which rights it was told.
    private struct Place {
        let userID: String
        let access: Access
    }

    private var places: [UInt64: Place] = [:]
    private(set) var groups: [ObjectIdentifier: Group] = [:]
    /// Groups by the objects on which they have rights.
    private var groupsByObject: [String: Set<ObjectIdentifier>] = [:]

    /// The objects that access lists of somebody here name.
    var objectsOfLists: Set<String> { Set(groupsByObject.keys) }

    /// Those who see all objects.
    var administrators: [Session] {
        groups[ObjectIdentifier(Access.everything)].map { Array($0.sessions.values) } ?? []
    }

    /// The groups with a right on one of these objects.
    func groups(withRightOn ids: [String]) -> Set<ObjectIdentifier> {
        ids.reduce(into: []) { $0.formUnion(groupsByObject[$1] ?? []) }
    }

    /// By which rights the session was told last; `nil` if nobody was signed in.
    func access(of session: Session) -> Access? { places[session.handle]?.access }

    /// Notes who is signed in now.
    ///
    /// - Parameter graph: learns of which objects it has to look after.
    /// - Returns: by which rights that same user was told before, if by others.
    mutating func update(_ session: Session, to principal: Principal?, watchingIn graph: inout ObjectGraph?) -> Access?
    {
        let old = places[session.handle]
        let new = principal.flatMap { principal in
            principal.user.map { Place(userID: $0.id, access: principal.access) }
        }
        guard old?.access !== new?.access else {
            places[session.handle] = new
            return nil
        }
        if let old { leave(session, old.access, &graph) }
        places[session.handle] = new
        if let new { join(session, new.access, &graph) }
        // Somebody else has been told nothing yet, and asks for what there is.
        return old?.userID == new?.userID ? old?.access : nil
    }

    private mutating func join(_ session: Session, _ access: Access, _ graph: inout ObjectGraph?) {
        let key = ObjectIdentifier(access)
        if groups[key] == nil {
            groups[key] = Group(access: access)
            for id in access.grants.keys {
                if groupsByObject[id] == nil { graph?.watch(id) }
                groupsByObject[id, default: []].insert(key)
            }
        }
        groups[key]?.sessions[session.handle] = session
    }

    private mutating func leave(_ session: Session, _ access: Access, _ graph: inout ObjectGraph?) {
        let key = ObjectIdentifier(access)
        groups[key]?.sessions[session.handle] = nil
        guard groups[key]?.sessions.isEmpty == true else { return }
        groups[key] = nil
        for id in access.grants.keys {
            groupsByObject[id]?.remove(key)
            guard groupsByObject[id]?.isEmpty == true else { continue }
            groupsByObject[id] = nil
            graph?.unwatch(id)
        }
    }
}
