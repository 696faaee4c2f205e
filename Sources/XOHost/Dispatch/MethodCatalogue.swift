import XOJSON

/// Reads what a plugin says of its methods; see `xo/methods.h` for the form.
struct MethodCatalogue {
    private(set) var definitions: [MethodDefinition] = []
    /// What is wrong with the entries that were left out, for the log.
    private(set) var problems: [String] = []

    static let empty = MethodCatalogue()
    private init() {}

    init(_ text: UnsafeRawBufferPointer, of life: Incarnation) {
        let entries: [JSON]
        do {
            guard let array = try JSON(parsing: text).array else {
                problems.append("the catalogue of methods is not a JSON array")
                return
            }
            entries = array
        } catch {
            problems.append("the catalogue of methods is not JSON: \(error)")
            return
        }
        var names: Set<String> = []
        for (index, entry) in entries.enumerated() {
            do {
                let definition = try MethodCatalogue.definition(entry, index: UInt32(index), life)
                guard names.insert(definition.name).inserted else {
                    throw LifecycleError("it is listed twice; the first one is served")
                }
                definitions.append(definition)
            } catch {
                problems.append("method \(entry["name"]?.string ?? "number \(index)"): \(error)")
            }
        }
    }

    private static func definition(
        _ entry: JSON, index: UInt32, _ life: Incarnation
    ) throws -> MethodDefinition {
        guard let name = entry["name"]?.string, isName(name) else {
            throw LifecycleError(
                "its `name` is \(entry["name"]?.description ?? "missing"); expected a namespace, a dot and a name")
        }
        guard let permissionName = entry["permission"]?.string,
            let permission = MethodPermission(name: permissionName)
        else {
            throw LifecycleError(
                "its `permission` is \(entry["permission"]?.description ?? "missing"); "
                    + "expected public, user, read, write or admin")
        }
        let timeout = try entry["timeout"].map { timeout in
            guard let milliseconds = timeout.integer, (1...86_400_000).contains(milliseconds) else {
                throw LifecycleError("its `timeout` is \(timeout); expected milliseconds from 1 to 86400000")
            }
            return milliseconds * 1_000_000
        }
        if let idempotent = entry["idempotent"], idempotent.bool == nil {
            throw LifecycleError("its `idempotent` is \(idempotent); expected true or false")
        }
        return try MethodDefinition(
            name: name, summary: entry["description"]?.string ?? "", permission: permission,
            parameters: entry["params"], objects: try objects(entry["objects"]), timeout: timeout,
            isIdempotent: entry["idempotent"] == true, provider: .plugin(life, index: index))
    }

    private static func objects(_ declared: JSON?) throws -> [ObjectParameter] {
        guard let declared else { return [] }
        guard let members = declared.object else { throw LifecycleError("its `objects` is not an object") }
        return try members.map { name, entry in
            let right: ObjectRight?
            switch entry["permission"] {
            case .string(let text):
                guard let known = ObjectRight(rawValue: text) else {
                    throw LifecycleError(
                        "the right on `\(name)` is \"\(text)\"; expected view, operate, administrate or null")
                }
                right = known
            case .null: right = nil
            // Forgotten is not the same as waived.
            case nil: right = .administrate
            default: throw LifecycleError("the right on `\(name)` is not a text")
            }
            return ObjectParameter(
                name: name, types: entry["types"]?.array?.compactMap(\.string) ?? [], right: right)
        }
    }

    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= 128 && name.contains(".") && !name.hasPrefix(".") && !name.hasSuffix(".")
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0)
                    || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D
            }
    }
}
