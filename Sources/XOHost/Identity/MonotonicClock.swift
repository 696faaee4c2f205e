/// A clock that no one sets, in the unit of limits and rates. ``Clock`` has the same one in nanoseconds.
enum MonotonicClock {
    /// Seconds since some moment in the past.
    @Sendable static func seconds() -> Double { Double(Clock.now) / 1e9 }
}
