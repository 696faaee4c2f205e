import XOPluginAPI

/// A configuration tried out at one server: how far it went, and who was found.
struct Trial: Sendable {
    var server: String
    var steps: [Steps.Step] = []
    var identity: JSON?
    var error: String?
    /// Whether another server might do better.
    var isUnreachable = false

    /// Goes through a session of its own. What a step says is kept, whatever happens.
    static func run(
        _ server: ServerAddress, _ settings: Settings, until deadline: Deadline, interrupt: Int32,
        _ body: (Session) throws -> JSON?
    ) -> Trial {
        var trial = Trial(server: server.uri)
        let steps = Steps()
        do {
            let session = try Session(
                server, settings, kept: nil, until: deadline, interrupt: interrupt, steps: steps)
            trial.identity = try body(session)
        } catch let failure as DirectoryFailure {
            trial.error = failure.text
            trial.isUnreachable = failure.kind == .unreachable
            if failure.phase == .tls {
                let report = CertificateReport.ask(server, settings, until: deadline, interrupt: interrupt)
                steps.add(Steps.Step(name: "certificate", server: server.uri, milliseconds: 0, error: report))
            }
        } catch AuthRefusal.notMine {
            trial.error = "no entry fits the name"
        } catch AuthRefusal.denied(let reason) {
            trial.error = reason
        } catch {
            trial.error = "\(error)"
        }
        trial.steps = steps.all
        return trial
    }

    /// As if it were one, with the outcome of the other.
    func followed(by next: Trial) -> Trial {
        var both = next
        both.steps = steps + next.steps
        return both
    }
}

extension Session {
    /// Whether the entries are there that people and groups are looked for below.
    func checkBases() throws {
        try check(settings.people.base, "base")
        if let groups = settings.groups { try check(groups.base, "groups.base") }
        if settings.groups?.mode == .adChain, try !isActiveDirectory() {
            throw DirectoryFailure(
                kind: .misconfigured, phase: .search, server: server.uri,
                text: "groups.mode is adChain, but the server is no Active Directory; use expandNested")
        }
    }

    private func check(_ base: String, _ key: String) throws {
        let search = DirectoryHandle.Search(
            base: base, scope: .entry, filter: "(objectClass=*)", attributes: ["1.1"], limit: 1)
        guard try self.search(key, search).entries.isEmpty else { return }
        throw DirectoryFailure(
            kind: .misconfigured, phase: .search, server: server.uri,
            text: "\(key): the service account sees no entry \(base)")
    }
}
