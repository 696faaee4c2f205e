import CXOPlugin
import XOJSON
import XOProtocol

/// The operations that the host has started and the plugin has to complete, each exactly once.
final class Operations: Sendable {
    /// How one ended.
    struct Outcome: Sendable {
        let status: xo_status
        let payload: [UInt8]

        var isSuccess: Bool { status >= 0 }
        /// For people.
        var description: String {
            isSuccess
                ? "success"
                : "status \(status)\((try? JSON(parsing: payload))?["message"]?.string.map { ": \($0)" } ?? "")"
        }
    }

    private enum State {
        case pending
        case completed(Outcome)
        /// The host has given it up: a completion that comes later is harmless.
        case abandoned
    }

    private struct Operation {
        let name: String
        var state = State.pending
        var isCancelled = false
        let deadline: Int64?
    }

    private let journal: Journal
    private let operations = Monitor<[UInt64: Operation]>([:])
    private let generation: UInt64

    /// - Parameter number: of the host; no two have the same operations, so that a plugin which confuses its hosts is
    ///   found out.
    init(host number: Int, journal: Journal) {
        generation = 0x000C_01 + UInt64(number)
        self.journal = journal
    }

    /// - Parameter name: for people, such as `start`.
    func begin(_ name: String, deadline: Int64? = nil) -> xo_op {
        operations.withLock { operations in
            let id = generation << 40 | UInt64(operations.count + 1)
            operations[id] = Operation(name: name, deadline: deadline)
            return xo_op(id: id)
        }
    }

    /// The plugin completes one, by a function of the host.
    func complete(_ op: xo_op, _ outcome: Outcome) -> xo_status {
        end(op, outcome, by: "xo_host.complete")
    }

    /// The function that received it has returned.
    func returned(_ op: xo_op, _ status: xo_status) {
        guard status != .accepted else { return }
        _ = end(op, Outcome(status: status, payload: []), by: "the status \(status) that the function returned")
    }

    private func end(_ op: xo_op, _ outcome: Outcome, by means: String) -> xo_status {
        operations.withLock { operations in
            guard let operation = operations[op.id] else {
                journal.note(.badArgument, "It completes the operation \(op.id), which the host has never given it.")
                return .staleHandle
            }
            switch operation.state {
            case .pending:
                operations[op.id]?.state = .completed(outcome)
                return .ok
            case .completed(let first):
                journal.note(
                    .completedTwice,
                    "The operation \(operation.name) is completed again, by \(means), after it was completed with "
                        + "\(first.description).")
                return .staleHandle
            case .abandoned:
                return .staleHandle
            }
        }
    }

    /// Whether nobody wants its result any more, or it is over.
    func isCancelled(_ op: xo_op) -> Bool {
        operations.withLock { operations in
            guard let operation = operations[op.id], case .pending = operation.state else { return true }
            return operation.isCancelled || operation.deadline.map { MonotonicClock.now >= $0 } ?? false
        }
    }

    /// Its result is no longer wanted, but it is still to be completed.
    func cancel(_ op: xo_op) { operations.withLock { $0[op.id]?.isCancelled = true } }

    /// Waits for its end; `nil` if it does not come in time.
    func outcome(of op: xo_op, patience: Int64) -> Outcome? {
        operations.wait(until: MonotonicClock.now + patience) { operations in
            if case .completed(let outcome) = operations[op.id]?.state { outcome } else { nil }
        }
    }

    /// Waits until none of these is under way.
    ///
    /// - Returns: those that are after all.
    func unfinished(of ops: [xo_op], patience: Int64) -> [xo_op] {
        func pending(_ operations: [UInt64: Operation]) -> [xo_op] {
            ops.filter { if case .pending = operations[$0.id]?.state { true } else { false } }
        }
        let all: Bool? = operations.wait(until: MonotonicClock.now + patience) {
            pending($0).isEmpty ? true : nil
        }
        return all == true ? [] : operations.withLock { pending($0) }
    }

    /// Gives one up; `false` if it is completed already.
    func abandon(_ op: xo_op) -> Bool {
        operations.withLock { operations in
            guard case .pending = operations[op.id]?.state else { return false }
            operations[op.id]?.state = .abandoned
            return true
        }
    }

    /// Gives up all that are under way: the instance has stopped, or is about to be destroyed.
    func abandonAll() {
        operations.withLock { operations in
            for (id, operation) in operations {
                if case .pending = operation.state { operations[id]?.state = .abandoned }
            }
        }
    }
}
