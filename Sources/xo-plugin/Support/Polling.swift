import Glibc

/// Repeats a question until there is an answer, for states that nobody announces; `nil` if there is none in time.
///
/// The pause only spares the processor; nothing depends on its length.
func poll<Answer>(patience: Int64, _ question: () throws -> Answer?) rethrows -> Answer? {
    let deadline = MonotonicClock.now + patience
    while true {
        if let answer = try question() { return answer }
        guard MonotonicClock.now < deadline else { return nil }
        usleep(5000)
    }
}
