/// Which objects somebody asks for.
struct ObjectQuery: Sendable {
    let filter: ObjectFilter?
    /// How many at the most; `nil`: all.
    let limit: Int?

    /// Those of the objects that somebody may see that fit, in the order of their arrival. Records are read only where
    /// the filter cannot decide by the type.
    func run(on broadcaster: Broadcaster, for access: Access) throws -> [InventoryObject] {
        var verdicts: [String: Bool?] = [:]
        var found: [InventoryObject] = []
        for object in broadcaster.visibleObjects(to: access, ofType: filter?.type) {
            if let limit, found.count >= limit { break }
            if let filter {
                let verdict: Bool?
                if let known = verdicts[object.type] {
                    verdict = known
                } else {
                    verdict = filter.verdict(onType: object.type)
                    verdicts[object.type] = verdict
                }
                guard verdict ?? filter.matches(object.json) else { continue }
            }
            found.append(object)
        }
        if let problem = filter?.problem { throw problem }
        return found
    }
}
