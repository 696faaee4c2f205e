/// What a client wants to hear of.
struct EventSubscription {
    private var everything = false
    private var classes: Set<String> = []
    /// Single objects: references by class.
    private var objects: [String: Set<String>] = [:]

    /// - Parameter entries: `*`, a class in any case, or `class/reference`.
    /// - Throws: `EVENT_SUBSCRIPTION_PARSE_FAILURE`
    init(_ entries: [String]) throws(XAPIFailure) {
        for entry in entries {
            let parts = entry.split(separator: "/", omittingEmptySubsequences: false)
            switch parts.count {
            case 1 where entry == "*": everything = true
            case 1 where !entry.isEmpty: classes.insert(entry.lowercased())
            case 2 where !parts[0].isEmpty:
                if parts[1] == "*" {
                    classes.insert(parts[0].lowercased())
                } else {
                    objects[parts[0].lowercased(), default: []].insert(String(parts[1]))
                }
            default: throw XAPIFailure("EVENT_SUBSCRIPTION_PARSE_FAILURE", entry)
            }
        }
    }

    func includesAll(of model: ClassModel) -> Bool { everything || classes.contains(model.eventName) }

    /// The single objects of a class that are wanted.
    func objects(of model: ClassModel) -> Set<String> { objects[model.eventName] ?? [] }

    func includesSome(of model: ClassModel) -> Bool {
        includesAll(of: model) || objects[model.eventName] != nil
    }
}

/// The generations up to which a client has seen the pool.
struct EventToken {
    let database: UInt64
    let messages: UInt64

    /// - Parameter text: 20 digits, a comma, 20 digits; empty for a client that has seen nothing.
    /// - Throws: `EVENT_FROM_TOKEN_PARSE_FAILURE`
    init(parsing text: String) throws(XAPIFailure) {
        if text.isEmpty {
            self.init(database: 0, messages: 0)
            return
        }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let database = UInt64(parts[0]), let messages = UInt64(parts[1]) else {
            throw XAPIFailure("EVENT_FROM_TOKEN_PARSE_FAILURE", text)
        }
        self.init(database: database, messages: messages)
    }

    init(database: UInt64, messages: UInt64) {
        self.database = database
        self.messages = messages
    }

    var text: String { EventToken.padded(database) + "," + EventToken.padded(messages) }

    private static func padded(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }
}
