import Synchronization

/// Who was signed out by a provider of late, for those who were on their way in at that moment: vouched for already, but
/// without a session or token that could have been ended.
final class Revocations: Sendable {
    private struct Revocation {
        let origin: Identified.Origin
        let time: Int64
    }

    /// Nobody is on the way for longer: nanoseconds.
    static let memory: Int64 = 900_000_000_000
    private static let most = 100_000

    private let recent = Mutex<[Revocation]>([])

    /// - Parameter origin: without a session: all of the person.
    func add(_ origin: Identified.Origin, at now: Int64 = Clock.now) {
        recent.withLock { recent in
            if let first = recent.firstIndex(where: { now - $0.time < Self.memory }), first > 0 {
                recent.removeFirst(first)
            }
            if recent.count >= Self.most { recent.removeFirst() }
            recent.append(Revocation(origin: origin, time: now))
        }
    }

    /// Whether somebody who was vouched for at `time` has been signed out since.
    func cover(_ origin: Identified.Origin, vouchedAt time: Int64) -> Bool {
        recent.withLock { recent in
            recent.contains { revocation in
                revocation.time >= time && revocation.origin.provider == origin.provider
                    && revocation.origin.subject == origin.subject
                    && (revocation.origin.session == nil || revocation.origin.session == origin.session)
            }
        }
    }
}
