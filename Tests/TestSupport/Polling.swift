/// Repeats a question until the answer fits, for states that nobody announces.
///
/// The pause only spares the processor; nothing depends on its length. If the answer never fits, the host that is asked
/// is ended by ``Program/limit``, and the question throws.
public func poll<Answer>(
    _ question: () async throws -> Answer, until fits: (Answer) throws -> Bool
) async throws -> Answer {
    while true {
        let answer = try await question()
        if try fits(answer) { return answer }
        try await Task.sleep(for: .milliseconds(10))
    }
}
