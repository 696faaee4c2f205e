import CLDAP

/// An entry that a search has found.
struct Entry: Sendable {
    let dn: String
    private var values: [String: [[UInt8]]] = [:]
    /// Where the values of an attribute go on that the server has given in part.
    private(set) var continuations: [String: Int] = [:]

    /// Reads a message of a search; `nil` if it makes no sense.
    init?(_ ld: OpaquePointer, _ message: OpaquePointer) {
        guard let name = ldap_get_dn(ld, message) else { return nil }
        defer { ldap_memfree(name) }
        guard let dn = String(validatingCString: name) else { return nil }
        self.dn = dn

        var place: OpaquePointer?
        var attribute = ldap_first_attribute(ld, message, &place)
        defer { if let place { ber_free(place, 0) } }
        while let current = attribute {
            let (name, next) = AttributeName.parse(String(cString: current))
            if let list = ldap_get_values_len(ld, message, current) {
                var index = 0
                while let value = list[index] {
                    values[name, default: []].append(bytes(value.pointee))
                    index += 1
                }
                ldap_value_free_len(list)
            }
            continuations[name] = next
            ldap_memfree(current)
            attribute = ldap_next_attribute(ld, message, place)
        }
    }

    /// The values of an attribute, whatever its options. `dn` is the entry's name.
    subscript(attribute: String) -> [[UInt8]] {
        let name = attribute.lowercased()
        return name == "dn" ? [Array(dn.utf8)] : values[name] ?? []
    }

    /// Those values that are texts.
    func texts(_ attribute: String) -> [String] { self[attribute].compactMap { String(validating: $0, as: UTF8.self) } }

    /// Adds what a later part of the values has brought.
    mutating func append(_ part: Entry, of attribute: String) {
        let name = attribute.lowercased()
        values[name, default: []] += part[name]
        continuations[name] = part.continuations[name]
    }
}
