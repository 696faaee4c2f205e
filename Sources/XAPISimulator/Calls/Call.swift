import XOJSON

/// A call whose parameters have been checked.
struct Call {
    let message: MessageModel
    /// Without the session, defaults filled in, of the types that the message demands.
    let arguments: [JSON]
    /// Nil only for calls that need no session.
    let session: Row?
    /// The task that shows this call to others, if it has one.
    let task: Row?
    /// The host that was called.
    let agent: HostAgent

    /// The argument as text; empty if there is none.
    func text(_ index: Int) -> String { arguments.indices.contains(index) ? arguments[index].string ?? "" : "" }
    func flag(_ index: Int) -> Bool { arguments.indices.contains(index) && arguments[index].bool == true }
}

/// How a call went.
enum Outcome {
    case done(Reply)
    case pending(Pending)

    static var void: Outcome { .done(.void) }

    static func value(_ value: JSON, _ type: ValueType) -> Outcome { .done(.value(value, type)) }

    static func reference(_ row: Row) -> Outcome {
        .value(.string(row.reference), .reference(row.model.name))
    }
}

/// The result of a call that is not known yet. Confined to the toolstack's event loop.
final class Pending {
    typealias Result = Swift.Result<Reply, XAPIFailure>

    private var result: Result?
    private var observers: [(Result) -> Void] = []
    /// Ends the work early; set while that is possible.
    var onCancel: (() -> Void)?
    /// Why it was ended early, if not at somebody's wish.
    private(set) var cancellation: XAPIFailure?
    /// Called if nobody waits for the result any more. Operations go on all the same and have nothing here.
    var onAbandon: (() -> Void)?

    /// The first result counts.
    func resolve(_ result: Result) {
        guard self.result == nil else { return }
        self.result = result
        onCancel = nil
        onAbandon = nil
        let waiting = observers
        observers.removeAll()
        for observer in waiting { observer(result) }
    }

    func whenResolved(_ observer: @escaping (Result) -> Void) {
        if let result { observer(result) } else { observers.append(observer) }
    }

    func cancel(because reason: XAPIFailure? = nil) {
        cancellation = reason
        let action = onCancel
        onCancel = nil
        action?()
    }

    func abandon() {
        let action = onAbandon
        onAbandon = nil
        action?()
    }
}
