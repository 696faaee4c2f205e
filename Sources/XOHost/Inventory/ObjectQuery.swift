/// Which objects somebody asks for.
struct ObjectQuery: Sendable {
    let filter: ObjectFilter?
    /// How many at the most; `nil`: all.
    let limit: Int?
    let principal: Principal?

    /// The objects that fit and may be seen, in the order of their arrival. Records are read only where the filter
    /// cannot decide by the type.
    func run(on inventory: Inventory) throws -> [InventoryObject] {
        guard ObjectRights.seesAnything(principal) else { return [] }
        let seesEverything = ObjectRights.seesEverything(principal)
        var verdicts: [String: Bool?] = [:]
        var found: [InventoryObject] = []
        for object in inventory.objects(ofType: filter?.type) {
            if let limit, found.count >= limit { break }
            guard seesEverything || ObjectRights.allow(principal, .view, on: object) else { continue }
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
