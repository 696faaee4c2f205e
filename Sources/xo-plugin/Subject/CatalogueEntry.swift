import XOJSON

/// A method that the plugin offers.
struct CatalogueEntry: Sendable {
    let name: String
    /// Its place in the catalogue, by which it is called.
    let index: UInt32
    /// Schema by parameter; `nil`: anything goes.
    let parameters: JSONObject?
    /// The type of the object that a parameter names, by parameter.
    private let objectTypes: [String: JSON]

    /// Who calls in tests.
    static let caller = Array(
        #"{"id":"00000000-0000-4000-8000-000000000001","name":"admin","permission":"admin","address":"127.0.0.1"}"#.utf8
    )

    private static let rights = ["view", "operate", "administrate"]
    private static let longestName = 128
    /// A day.
    private static let longestTimeout: Int64 = 86_400_000
    private static let permissions = ["public", "user", "read", "write", "admin"]

    /// Reads a catalogue.
    ///
    /// - Throws: a breach of kind `catalogue` that says which entry is wrong, and how.
    static func read(_ text: [UInt8]) throws(Breach) -> [CatalogueEntry] {
        let json: JSON
        do {
            json = try JSON(parsing: text)
        } catch {
            throw Breach(.catalogue, "The catalogue is not JSON: \(error).")
        }
        guard let array = json.array else {
            throw Breach(.catalogue, "The catalogue is of type \(json.typeName), expected an array.")
        }
        var entries: [CatalogueEntry] = []
        for (index, entry) in array.enumerated() {
            guard let name = entry["name"]?.string, isName(name) else {
                throw Breach(
                    .catalogue,
                    "Entry \(index) of the catalogue has the name \(entry["name"] ?? .null), expected namespace.name of "
                        + "letters, digits, '.', '_' and '-'.")
            }
            guard !entries.contains(where: { $0.name == name }) else {
                throw Breach(.catalogue, "The catalogue lists \(name) twice.")
            }
            guard let permission = entry["permission"]?.string, permissions.contains(permission) else {
                throw Breach(
                    .catalogue,
                    "\(name) has the permission \(entry["permission"] ?? .null), expected one of "
                        + "\(permissions.joined(separator: ", ")).")
            }
            guard entry["params"]?.object != nil || entry["params"] == nil else {
                throw Breach(.catalogue, "\(name) has `params` that are no JSON object.")
            }
            if let timeout = entry["timeout"] {
                guard let milliseconds = timeout.integer, (1...longestTimeout).contains(milliseconds) else {
                    throw Breach(
                        .catalogue, "\(name) has the timeout \(timeout), expected 1 to \(longestTimeout) milliseconds.")
                }
            }
            if let idempotent = entry["idempotent"], idempotent.bool == nil {
                throw Breach(.catalogue, "\(name) has `idempotent` \(idempotent), expected true or false.")
            }
            entries.append(
                CatalogueEntry(
                    name: name, index: UInt32(index), parameters: entry["params"]?.object,
                    objectTypes: try objectTypes(entry["objects"], name)))
        }
        return entries
    }

    private static func objectTypes(_ declared: JSON?, _ name: String) throws(Breach) -> [String: JSON] {
        guard let declared else { return [:] }
        guard let members = declared.object else {
            throw Breach(.catalogue, "\(name) has `objects` that are no JSON object.")
        }
        var types: [String: JSON] = [:]
        for (parameter, rule) in members {
            let right = rule["permission"] ?? .null
            guard right.isNull || rights.contains(right.string ?? "") else {
                throw Breach(
                    .catalogue,
                    "\(name) demands the right \(right) on `\(parameter)`, expected null or one of "
                        + "\(rights.joined(separator: ", ")).")
            }
            types[parameter] = rule["types"]?[0] ?? "VM"
        }
        return types
    }

    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= longestName && name.contains(".") && !name.hasPrefix(".") && !name.hasSuffix(".")
            && name.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || [".", "_", "-"].contains(Unicode.Scalar(byte))
            }
    }

    /// The records of the objects that these parameters name, as a host that has such objects would give.
    func objects(for parameters: [UInt8]) -> [UInt8] {
        let given = (try? JSON(parsing: parameters)) ?? [:]
        let records = objectTypes.compactMap { parameter, type -> (String, JSON)? in
            guard let id = given[parameter]?.string else { return nil }
            return (parameter, ["id": .string(id), "type": type, "$pool": "pool"])
        }
        return JSON.object(JSONObject(uniqueKeysWithValues: records)).serialized()
    }
}
