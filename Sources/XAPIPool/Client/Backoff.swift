/// How long to wait before the next attempt: shortly at first, then along the Fibonacci numbers up to a minute.
struct Backoff {
    private let base: Duration
    private var isFirst = true
    private var current = 1
    private var next = 1
    private static let maximum = Duration.seconds(60)

    init(base: Duration) { self.base = base }

    mutating func delay() -> Duration {
        if isFirst {
            isFirst = false
            return base / 10
        }
        let delay = min(base * current, Self.maximum)
        // Beyond the maximum there is no need to count on.
        if delay < Self.maximum { (current, next) = (next, current + next) }
        return delay
    }

    mutating func reset() { self = Backoff(base: base) }
}
