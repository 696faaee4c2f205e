import XOJSON

/// What somebody may do with an object of the inventory, each including the one before.
enum ObjectRight: String, Sendable {
    case view, operate, administrate
}

/// Who may do what with which object. The only place that decides it.
///
/// Rights on single objects are granted by access lists, which this version of the host does not have yet: so
/// administrators may do everything and others nothing.
enum ObjectRights {
    static func allow(_ principal: Principal?, _ right: ObjectRight, on object: InventoryObject) -> Bool {
        seesEverything(principal)
    }

    /// Whether no object needs to be looked at to know that it may be seen.
    static func seesEverything(_ principal: Principal?) -> Bool { principal?.permission == .admin }

    /// Whether there is any object that may be seen.
    static func seesAnything(_ principal: Principal?) -> Bool { seesEverything(principal) }
}
