/// Comparisons of instants, with clocks that differ a little.
struct TimeChecks {
    let now: Int64
    let skew: Int64

    /// - Throws: ``Refusal`` if the attribute is there and is no instant.
    func instant(_ attribute: String, of element: XMLElement) throws -> Int64? {
        guard let text = element.attribute(attribute) else { return nil }
        guard let instant = SAMLTime.parse(text) else {
            throw Refusal(.time, "\(attribute) of \(element.localName) is \(text.quoted), expected a date in UTC")
        }
        return instant
    }

    func required(_ attribute: String, of element: XMLElement) throws -> Int64 {
        guard let instant = try instant(attribute, of: element) else {
            throw Refusal(.time, "\(element.localName) has no \(attribute)")
        }
        return instant
    }

    func checkNotFuture(_ instant: Int64, _ what: String) throws {
        guard instant <= now + skew else { throw Refusal(.time, "\(what) lies in the future; compare the clocks") }
    }

    func checkNotOver(_ instant: Int64, _ what: String) throws {
        guard instant > now - skew else { throw Refusal(.time, "\(what) is over; compare the clocks") }
    }
}
