import FoundationEssentials

/// The time of day in the unit of the network contract.
enum WallClock {
    /// Milliseconds since 1970.
    @Sendable static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
