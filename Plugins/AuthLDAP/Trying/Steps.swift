import XOPluginAPI

/// What happened on the way, for the administrator who tries a configuration out.
final class Steps {
    struct Step: Sendable {
        var name: String
        var server: String
        var milliseconds: Double
        var detail: String?
        var error: String?

        var json: JSON {
            var members: JSONObject = [
                "step": .string(name), "server": .string(server), "ok": .bool(error == nil),
                "milliseconds": .number((milliseconds * 100).rounded() / 100),
            ]
            if let detail { members["detail"] = .string(detail) }
            if let error { members["error"] = .string(error) }
            return .object(members)
        }
    }

    private(set) var all: [Step] = []

    func add(_ step: Step) { all.append(step) }

    /// Carries a step out, and notes it if somebody wants to know.
    static func measure<Result, Failure: Error>(
        _ steps: Steps?, _ name: String, _ server: String, _ body: () throws(Failure) -> Result,
        detail: (Result) -> String? = { _ in nil }
    ) throws(Failure) -> Result {
        let begin = Deadline.now
        func note(_ detail: String?, _ error: String?) {
            steps?.add(
                Step(
                    name: name, server: server, milliseconds: begin.age / .milliseconds(1), detail: detail, error: error
                ))
        }
        do {
            let result = try body()
            note(detail(result), nil)
            return result
        } catch {
            note(nil, "\(error)")
            throw error
        }
    }
}
