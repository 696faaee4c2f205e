/// An object of the inventory, finished.
public struct PoolObject: Sendable {
    public let id: String
    /// Such as `VM-snapshot`.
    public let type: String
    /// The id of its pool.
    public let pool: String
    /// XenServer's reference.
    public let ref: String
    /// The record as clients get it: one JSON object without white space.
    public let json: [UInt8]
}
