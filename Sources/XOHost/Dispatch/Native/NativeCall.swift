import XOJSON
import XOProtocol

/// A method of the host's own. It goes through the same registry, checks and counters as those of plugins.
///
/// Runs on the session's lane and must not block: what waits for the disk or the processor goes to
/// ``NativeCall/background(_:)``, and the answer may be given later.
typealias NativeHandler = @Sendable (NativeCall) throws -> NativeAnswer

enum NativeAnswer: Sendable {
    /// A result; `nil` for none, which clients see as `true`.
    case result(JSON?)
    /// A result that is finished JSON text already.
    case text([UInt8])
    /// The handler answers later, exactly once.
    case later
}

/// One call of a host's method.
struct NativeCall: Sendable {
    let parameters: JSON
    let principal: Principal?
    /// The client's connection; `nil` if a plugin calls.
    let session: Session?
    let dispatcher: Dispatcher
    let reply: CallReply

    /// The same call, answered elsewhere.
    func answering(_ reply: CallReply) -> NativeCall {
        NativeCall(parameters: parameters, principal: principal, session: session, dispatcher: dispatcher, reply: reply)
    }

    /// Does blocking work away from the lane and answers with what it returns.
    func background(_ work: @escaping @Sendable () throws -> JSON?) -> NativeAnswer {
        run(work, in: dispatcher.services.backgroundPool.makeLane())
    }

    /// The same for work with passwords. Each takes a processor and much memory for a while, so few are done at a time;
    /// the others must not occupy threads while they wait.
    func withPasswords(_ work: @escaping @Sendable () throws -> JSON?) -> NativeAnswer {
        run(work, in: dispatcher.services.nextPasswordLane)
    }

    private func run(_ work: @escaping @Sendable () throws -> JSON?, in lane: Lane) -> NativeAnswer {
        lane.run { [self] in
            do {
                dispatcher.answer(self, .result(try work()))
            } catch {
                reply.fail(MethodError(describing: error))
            }
        }
        return .later
    }

    /// The same for asynchronous work.
    func asynchronously(_ work: @escaping @Sendable () async throws -> JSON?) -> NativeAnswer {
        Task {
            do {
                dispatcher.answer(self, .result(try await work()))
            } catch {
                reply.fail(MethodError(describing: error))
            }
        }
        return .later
    }

    /// The user who calls, for methods that only a signed-in user can call.
    func signedInUser() throws -> User {
        guard let user = principal?.user else { throw MethodError.unauthorized() }
        return user
    }
}
