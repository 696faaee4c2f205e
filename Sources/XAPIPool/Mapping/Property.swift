import XOJSON

/// One property of an object: its name, what it is made of, and how.
struct Property: Sendable {
    /// `"name":`
    let key: [UInt8]
    /// The fields of the object's own record that are read.
    let fields: [String]
    /// Appends the value; returns false, having appended nothing, if the property is absent.
    let write: @Sendable (Source, inout [UInt8]) -> Bool

    init(
        _ name: String, reads fields: [String], write: @escaping @Sendable (Source, inout [UInt8]) -> Bool
    ) {
        var key: [UInt8] = []
        key.appendJSON(name)
        key.append(UInt8(ascii: ":"))
        self.key = key
        self.fields = fields
        self.write = write
    }
}

extension Property {
    /// A field as it is; absent if the server does not have it.
    static func copy(_ name: String, _ field: String? = nil, default fallback: JSON? = nil) -> Property {
        let field = field ?? name
        return Property(name, reads: [field]) { source, output in
            guard let value = source[field] else {
                fallback?.write(to: &output)
                return fallback != nil
            }
            output.append(contentsOf: value.text)
            return true
        }
    }

    static func bool(_ name: String, _ field: String? = nil) -> Property {
        let field = field ?? name
        return value(name, reads: [field]) { .bool($0.isTrue(field)) }
    }

    /// A number, also if the server wrote it as text; `null` if there is none.
    static func number(_ name: String, _ field: String? = nil) -> Property {
        let field = field ?? name
        return Property(name, reads: [field]) { source, output in
            let value = source[field]
            if let value, let first = value.text.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) {
                output.append(contentsOf: value.text)
            } else {
                (value?.number.map { JSON($0) } ?? .null).write(to: &output)
            }
            return true
        }
    }

    /// Seconds since the epoch, or `null`.
    static func time(_ name: String, _ field: String? = nil) -> Property {
        let field = field ?? name
        return value(name, reads: [field]) { Timestamp.seconds($0[field]) }
    }

    /// Whether the entry `key` of a map is the text `true`.
    static func flag(_ name: String, _ key: String, of map: String) -> Property {
        value(name, reads: [map]) { .bool($0.flag(key, of: map)) }
    }

    /// The entry `key` of a map as it is.
    static func entry(_ name: String, _ key: String, of map: String) -> Property {
        Property(name, reads: [map]) { source, output in
            guard let value = source.entry(key, of: map) else { return false }
            output.append(contentsOf: value.text)
            return true
        }
    }

    /// The entry `key` of a map as a number; absent without such an entry.
    static func numericEntry(_ name: String, _ key: String, of map: String) -> Property {
        value(name, reads: [map]) { source in
            source.entry(key, of: map).map { entry in entry.number.map { JSON($0) } ?? .null }
        }
    }

    /// The id of the record that a field refers to.
    static func link(_ name: String, _ field: String? = nil) -> Property {
        let field = field ?? name
        return Property(name, reads: [field]) { source, output in
            guard let target = source.follow(field) else { return false }
            output.appendJSON(target.uuid)
            return true
        }
    }

    /// The ids of the records that a set refers to; absent if the server does not have the field.
    static func links(_ name: String, _ field: String? = nil) -> Property {
        let field = field ?? name
        return value(name, reads: [field]) { source in
            guard source[field] != nil else { return nil }
            return .array(source.links(field).map { $0.map(JSON.string) ?? .null })
        }
    }

    /// Anything else; absent for `nil`.
    static func value(
        _ name: String, reads fields: [String], _ make: @escaping @Sendable (Source) -> JSON?
    ) -> Property {
        Property(name, reads: fields) { source, output in
            guard let value = make(source) else { return false }
            value.write(to: &output)
            return true
        }
    }

    /// The same, on objects of one type only.
    func only(on type: String) -> Property {
        Property(copying: self) { source in source.type == type }
    }

    private init(copying other: Property, when condition: @escaping @Sendable (Source) -> Bool) {
        key = other.key
        fields = other.fields
        write = { source, output in condition(source) && other.write(source, &output) }
    }
}
