import XOJSON

/// A method that the plugin offers.
struct CatalogueEntry: Sendable {
    let name: String
    /// Its place in the catalogue, by which it is called.
    let index: UInt32
    /// Schema by parameter; `nil`: anything goes.
    let parameters: JSONObject?
    /// The records of the objects that its parameters name, as a host that has such objects would give.
    let objects: [UInt8]

    /// Who calls in tests.
    static let caller = Array(
        #"{"id":"00000000-0000-4000-8000-000000000001","name":"admin","permission":"admin","address":"127.0.0.1"}"#.utf8
    )

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
            guard let name = entry["name"]?.string, name.split(separator: ".").count >= 2 else {
                throw Breach(
                    .catalogue, "Entry \(index) of the catalogue has no name of the form namespace.name.")
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
            entries.append(
                CatalogueEntry(
                    name: name, index: UInt32(index), parameters: entry["params"]?.object,
                    objects: objects(entry["objects"]?.object ?? [:])))
        }
        return entries
    }

    private static func objects(_ declared: JSONObject) -> [UInt8] {
        let records = declared.map { parameter, rule in
            (parameter, ["id": JSON("1"), "type": rule["types"]?[0] ?? "VM", "$pool": "pool"] as JSON)
        }
        return JSON.object(JSONObject(uniqueKeysWithValues: records)).serialized()
    }
}
