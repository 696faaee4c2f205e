/// In which order plugins start, from what they need and provide.
enum PluginOrder {
    struct Candidate {
        let id: String
        let needs: [String]
        let provides: [String]
    }

    /// Plugins in waves: each needs only what the host or earlier waves provide. And those that can never start, with
    /// the reason.
    static func waves(
        _ candidates: [Candidate], given: Set<String>
    ) -> (waves: [[String]], impossible: [(id: String, reason: String)]) {
        var available = given
        var waiting = candidates
        var waves: [[String]] = []
        while true {
            let ready = waiting.filter { available.isSuperset(of: $0.needs) }
            if ready.isEmpty { break }
            waves.append(ready.map(\.id))
            available.formUnion(ready.flatMap(\.provides))
            waiting.removeAll { candidate in ready.contains { $0.id == candidate.id } }
        }
        return (waves, waiting.map { ($0.id, reason(for: $0, among: waiting, available)) })
    }

    private static func reason(
        for candidate: Candidate, among waiting: [Candidate], _ available: Set<String>
    ) -> String {
        let missing = candidate.needs.filter { !available.contains($0) }
        let providers = missing.compactMap { need in
            waiting.first { $0.id != candidate.id && $0.provides.contains(need) }.map { "\(need) (\($0.id))" }
        }
        if providers.count == missing.count, !missing.isEmpty {
            return "it waits for \(providers.joined(separator: ", ")), which cannot start either; plugins that need "
                + "each other in a circle never start"
        }
        return "it needs \(missing.joined(separator: ", ")), which no enabled plugin provides"
    }
}
