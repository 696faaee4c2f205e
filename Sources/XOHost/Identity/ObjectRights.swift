import XOJSON

/// What somebody may do with an object of the inventory, each including the one before.
enum ObjectRight: String, Sendable, CaseIterable, Comparable {
    case view, operate, administrate

    static func < (left: ObjectRight, right: ObjectRight) -> Bool { left.level < right.level }

    private var level: Int {
        switch self {
        case .view: 0
        case .operate: 1
        case .administrate: 2
        }
    }

    /// This one and those below.
    var included: [ObjectRight] { ObjectRight.allCases.filter { $0 <= self } }
}

/// Who may do what with which object. The only place that decides it.
///
/// Administrators may do everything. To others access lists grant rights on single objects, and with them on what
/// belongs to those (``ObjectParents``).
enum ObjectRights {
    /// The highest right on an object; `nil`: it does not exist for this principal.
    static func right(of principal: Principal?, on object: InventoryObject, in inventory: Inventory) -> ObjectRight? {
        guard let access = principal?.access else { return nil }
        if access.isEverything { return .administrate }
        return access.isNothing ? nil : inventory.right(of: access, on: object)
    }
}
