import NIOCore
import XOJSON

/// A client that waits for events.
final class EventWaiter {
    let session: String
    let subscription: EventSubscription
    let token: EventToken
    let deadline: NIODeadline
    let pending = Pending()
    /// Ends the waiting, or the pause after the first change.
    var timer: Scheduled<Void>?
    var isPausing = false

    init(session: String, subscription: EventSubscription, token: EventToken, deadline: NIODeadline) {
        self.session = session
        self.subscription = subscription
        self.token = token
        self.deadline = deadline
    }
}

extension Toolstack {
    /// A time-out beyond this, or none that makes sense, becomes this.
    private static let longestWait = TimeAmount.hours(24)

    static let eventCalls: [String: Handler] = [
        "event.from": { try $0.eventsFrom($1) },
        "event.inject": { toolstack, call in
            // Unlike other parameters the class is free text, and counts only as spelled in the data model.
            let row = try toolstack.database.row(call.text(0), call.text(1))
            let before = toolstack.currentToken
            toolstack.database.touch(row)
            return .value(.string(before.text), .string)
        },
        "event.get_current_id": { toolstack, _ in
            .value(.integer(Int64(clamping: toolstack.database.generation)), .integer)
        },
    ]

    private var currentToken: EventToken {
        EventToken(database: database.generation, messages: database.messageGeneration)
    }

    private func eventsFrom(_ call: Call) throws -> Outcome {
        let subscription = try EventSubscription(call.arguments[0].array?.compactMap(\.string) ?? [])
        let token = try EventToken(parsing: call.text(1))
        let seconds = call.arguments[2].double ?? 0
        guard seconds > 0 else { return .done(.events(batch(subscription, since: token))) }
        let timeout =
            seconds < 86_400 ? TimeAmount.nanoseconds(Int64(seconds * 1e9)) : Toolstack.longestWait
        let waiter = EventWaiter(
            session: call.session?.reference ?? "", subscription: subscription, token: token,
            deadline: .now() + timeout)
        eventWaiters.append(waiter)
        waiter.pending.onAbandon = { [self, weak waiter] in if let waiter { remove(waiter) } }
        if hasEvents(for: waiter) { pause(waiter) } else { waitForDeadline(waiter) }
        return .pending(waiter.pending)
    }

    /// Looks which of the waiting clients have something to hear.
    func wakeEventWaiters() {
        for waiter in eventWaiters where !waiter.isPausing && hasEvents(for: waiter) { pause(waiter) }
    }

    func failEventWaiters(of session: Row) {
        for waiter in eventWaiters where waiter.session == session.reference {
            answer(waiter, .failure(.sessionInvalid(session.reference)))
        }
    }

    /// Gives a burst of changes the time to arrive in one batch.
    private func pause(_ waiter: EventWaiter) {
        waiter.isPausing = true
        waiter.timer?.cancel()
        waiter.timer = after(configuration.eventPause) { [self] in
            let batch = batch(waiter.subscription, since: waiter.token)
            if batch.events.isEmpty, NIODeadline.now() < waiter.deadline {
                // What had been created is gone again.
                waiter.isPausing = false
                waitForDeadline(waiter)
            } else {
                answer(waiter, .success(.events(batch)))
            }
        }
    }

    private func waitForDeadline(_ waiter: EventWaiter) {
        waiter.timer = loop.scheduleTask(deadline: waiter.deadline) { [self] in
            answer(waiter, .success(.events(batch(waiter.subscription, since: waiter.token))))
        }
    }

    private func answer(_ waiter: EventWaiter, _ result: Pending.Result) {
        remove(waiter)
        waiter.pending.resolve(result)
    }

    private func remove(_ waiter: EventWaiter) {
        waiter.timer?.cancel()
        eventWaiters.removeAll { $0 === waiter }
    }

    // MARK: What happened

    private func known(_ token: EventToken, _ table: Table) -> UInt64 {
        table.model.isInDatabase ? token.database : token.messages
    }

    /// Tells cheaply whether there may be events: looks at one number per class, and at single objects.
    private func hasEvents(for waiter: EventWaiter) -> Bool {
        database.tables.contains { table in
            guard table.model.hasEvents, waiter.subscription.includesSome(of: table.model),
                table.lastGeneration > known(waiter.token, table)
            else { return false }
            return waiter.subscription.includesAll(of: table.model)
                || !events(waiter.subscription, of: table, since: known(waiter.token, table)).isEmpty
        }
    }

    private func batch(_ subscription: EventSubscription, since token: EventToken) -> EventBatch {
        var messages: [EventBatch.Event] = []
        var adds: [EventBatch.Event] = []
        var mods: [EventBatch.Event] = []
        var dels: [EventBatch.Event] = []
        for table in database.tables where table.model.hasEvents && subscription.includesSome(of: table.model) {
            for event in events(subscription, of: table, since: known(token, table)) {
                switch event.operation {
                case _ where !table.model.isInDatabase: messages.append(event)
                case .add: adds.append(event)
                case .mod: mods.append(event)
                case .del: dels.append(event)
                }
            }
        }
        let counts = database.tables.filter(\.model.isInDatabase).map { ($0.model.eventName, $0.count) }
        return EventBatch(events: messages + adds + mods + dels, token: currentToken.text, counts: counts)
    }

    private func events(
        _ subscription: EventSubscription, of table: Table, since generation: UInt64
    ) -> [EventBatch.Event] {
        guard table.lastGeneration > generation else { return [] }
        let model = table.model
        let wanted = subscription.includesAll(of: model) ? nil : subscription.objects(of: model)
        var events: [EventBatch.Event] = []
        func append(_ operation: EventBatch.Event.Operation, _ reference: String, _ number: UInt64, _ row: Row?) {
            events.append(
                .init(
                    operation: operation, className: model.eventName, reference: reference,
                    generation: model.isInDatabase ? number : 0, row: row))
        }
        for row in table.changes(since: generation) where wanted?.contains(row.reference) ?? true {
            append(row.created > generation ? .add : .mod, row.reference, row.modified, row)
        }
        for deletion in table.deletions(since: generation) where wanted?.contains(deletion.reference) ?? true {
            append(.del, deletion.reference, deletion.generation, nil)
        }
        return events
    }
}
