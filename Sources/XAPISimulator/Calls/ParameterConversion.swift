import XOJSON

extension DataModel {
    /// Brings a value that a client sent into the form in which the database holds values of `type`.
    ///
    /// - Throws: `INVALID_VALUE` for texts that are no value of an enumeration or no date, `INTERNAL_ERROR` for
    ///   anything else that does not fit.
    func convert(_ value: JSON, to type: ValueType) throws(XAPIFailure) -> JSON {
        switch (type, value) {
        case (.string, .string): return value
        case (.integer, _):
            if let number = value.integer ?? value.string.flatMap({ Int64($0) }) { return .integer(number) }
        case (.float, _):
            if let number = value.double ?? value.string.flatMap({ Double($0) }), number.isFinite {
                return .number(number)
            }
        case (.boolean, .bool): return value
        case (.date, .string(let text)):
            guard let date = Timestamp.normalized(text) else { throw XAPIFailure("INVALID_VALUE", "datetime", text) }
            return .string(date)
        case (.enumeration(let name), .string(let text)):
            let wanted = text.lowercased()
            guard let known = enumerations[name]?.first(where: { $0.lowercased() == wanted }) else {
                throw XAPIFailure("INVALID_VALUE", name, text)
            }
            return .string(known)
        case (.reference, .string(let reference)): return reference.isEmpty ? .string(Reference.null) : value
        case (.record, .object): return value
        case (.set(let element), .array(let elements)):
            var converted: [JSON] = []
            for item in elements { converted.append(try convert(item, to: element)) }
            return .array(converted)
        case (.map(let keyType, let valueType), .object(let members)):
            var converted = JSONObject()
            for (key, item) in members {
                converted[try convertKey(key, to: keyType)] = try convert(item, to: valueType)
            }
            return .object(converted)
        default: break
        }
        throw .internalError("expected a value of type \(type), received one of type \(value.typeName)")
    }

    /// The key of a map, which is always a string on the wire.
    func convertKey(_ key: String, to type: ValueType) throws(XAPIFailure) -> String {
        switch try convert(.string(key), to: type) {
        case .string(let text): text
        case let other: other.description
        }
    }
}
