import CXOPlugin
import XOJSON
import XOProtocol

/// For whom, and under which conditions, a method is called.
struct CallContext: Sendable {
    let principal: Principal?
    /// The client's connection; `nil` if a plugin calls.
    let session: Session?
    let isInternal: Bool
    /// On the monotonic clock, nanoseconds; `nil`: none.
    let deadline: Int64?
    /// The operation that waits for this call; `nil` for clients' calls.
    let parent: UInt64?
    let depth: Int
    /// It was made before, and the plugin's process ended under it.
    var isRepeated = false
}

/// The way of a call: find the method, check permission, parameters and objects, hand it to whoever offers it, and
/// bring the outcome back. Every call takes it, from wherever it comes and to whomever it goes.
struct Dispatcher: Sendable {
    /// How deep plugins may call each other.
    static let maximumDepth = 16
    let services: Services

    // MARK: Calls

    /// Calls a method from a plugin; the work begins in a lane of its own.
    func enqueue(_ method: String, _ params: [UInt8], _ context: CallContext, _ reply: CallReply) {
        services.pool.makeLane().run { [self] in
            params.withUnsafeBytes { call(method, $0, context, reply) }
        }
    }

    /// Calls a method.
    func call(_ name: String, _ params: UnsafeRawBufferPointer, _ context: CallContext, _ reply: CallReply) {
        call(name, services.registry[name], params, context, reply)
    }

    /// Calls a method that has been looked up.
    ///
    /// - Parameters:
    ///   - method: `nil` if there is none of this name.
    ///   - params: JSON text, lent; empty if there is none. It has been scanned, so its grammar is right.
    ///   - reply: is answered exactly once, now or later, on any thread.
    func call(
        _ name: String, _ method: MethodDefinition?, _ params: UnsafeRawBufferPointer, _ context: CallContext,
        _ reply: CallReply
    ) {
        guard let method else {
            reply.fail(MethodError(code: -32601, message: "method not found: \(name)", data: .string(name)))
            return
        }
        do {
            guard method.permission.allows(context.principal) else {
                throw MethodError.unauthorized(permission: method.permission.wireForm?.string)
            }
            switch method.provider {
            case .host(let handler):
                let given = try withoutLogRequest(parse(params), context.principal)
                let parameters = try prepare(given, for: method)
                _ = try objects(in: parameters, of: method, for: context.principal)
                let call = NativeCall(
                    parameters: parameters, principal: context.principal, session: context.session,
                    dispatcher: self, reply: reply)
                answer(call, try handler(call))
            case .plugin(let life, let index):
                try invoke(method, of: life, index, params, context, reply)
            }
        } catch {
            reply.fail(MethodError(describing: error))
        }
    }

    private func invoke(
        _ method: MethodDefinition, of life: Incarnation, _ index: UInt32, _ params: UnsafeRawBufferPointer,
        _ context: CallContext, _ reply: CallReply
    ) throws {
        let instance = life.owner
        var changed: [UInt8]?
        let objectText: [UInt8]
        // Parameters by position are given names, so that plugins always get an object.
        if method.inspectsParameters || params.first == UInt8(ascii: "[") {
            let given = try parse(params)
            let parameters = try prepare(withoutLogRequest(given, context.principal), for: method)
            objectText = try objects(in: parameters, of: method, for: context.principal)
            if parameters != given { changed = parameters.serialized() }
        } else {
            objectText = []
        }

        instance.counters.calls.add(1, ordering: .relaxed)
        let started = Clock.now
        let timeout = method.timeout.map { started + $0 }
        let deadline = context.deadline.map { min($0, timeout ?? $0) } ?? timeout
        let operation = services.operations.begin(
            instance, for: context.principal, session: context.session, parent: context.parent, depth: context.depth,
            deadline: deadline.map { expiry(at: $0, of: method.name, in: instance) },
            method.isIdempotent && life.isIsolated && !context.isRepeated
                ? repeatable(method.name, Array(params), context, deadline, of: instance, started: started, reply)
                : .call(started: started, reply))
        guard let operation else { throw MethodError.failed("too many calls are under way") }

        let invocation = Invocation(
            operation: operation, method: index, caller: context.principal?.description ?? context.session?.anonymous,
            objects: objectText, isInternal: context.isInternal, deadline: deadline)
        if life.isConcurrent, changed == nil {
            // The common case, without a copy.
            if !life.enter({ invocation.begin(in: $0, params) }) { invocation.giveUp() }
        } else {
            let copy = changed ?? Array(params)
            life.call(
                { tables in copy.withUnsafeBytes { invocation.begin(in: tables, $0) } }, ifClosed: invocation.giveUp)
        }
    }

    /// If the plugin's process ends under this call, it is made once more, and its client does not notice.
    private func repeatable(
        _ name: String, _ params: [UInt8], _ context: CallContext, _ deadline: Int64?, of instance: PluginInstance,
        started: Int64, _ reply: CallReply
    ) -> Operation.Completion {
        .function { outcome in
            let reason: String
            switch outcome {
            case .abandoned(.unavailable, let why): reason = why
            // It came when the process had ended already.
            case .completed(.unavailable, _): reason = instance.absence.message
            default: return instance.finishCall(outcome, started: started, reply)
            }
            let call = Comeback.Call(
                again: {
                    var context = context
                    context.isRepeated = true
                    enqueue(name, params, context, reply)
                },
                giveUp: { instance.finishCall(.abandoned(.unavailable, reason), started: started, reply) })
            if !instance.comeback.wait(until: deadline, call) {
                instance.finishCall(outcome, started: started, reply)
            }
        }
    }

    /// The answer of a host's method, in text.
    func answer(_ call: NativeCall, _ answer: NativeAnswer) {
        switch answer {
        case .result(let value): call.reply.succeed(value?.serialized() ?? [])
        case .text(let text): call.reply.succeed(text)
        case .later: break
        }
    }

    // MARK: Parameters

    private func parse(_ params: UnsafeRawBufferPointer) throws -> JSON {
        guard !params.isEmpty else { return [:] }
        do {
            return try JSON(parsing: params)
        } catch {
            throw MethodError.invalidParameters("invalid parameters: \(error)")
        }
    }

    /// Any method takes `_log`, which asks for a log of this call; only administrators may, and no method sees it.
    private func withoutLogRequest(_ given: JSON, _ principal: Principal?) throws -> JSON {
        guard case .object(var members) = given, members.removeValue(forKey: "_log") != nil else { return given }
        guard principal?.permission == .admin else { throw MethodError.unauthorized(permission: "admin") }
        return .object(members)
    }

    private func prepare(_ given: JSON, for method: MethodDefinition) throws -> JSON {
        do throws(InvalidParameters) {
            return try method.parameters.prepare(given)
        } catch {
            switch error {
            case .violations(let violations): throw MethodError.invalidParameters(errors: violations.json)
            case .conflictingKeys: throw MethodError.failed("\(error)")
            }
        }
    }

    /// Looks up the objects that parameters name, and checks the caller's rights on them. Returns their records by
    /// parameter, as JSON text; empty if there are none.
    private func objects(
        in parameters: JSON, of method: MethodDefinition, for principal: Principal?
    ) throws -> [UInt8] {
        guard !method.objects.isEmpty else { return [] }
        var found: [(parameter: ObjectParameter, object: InventoryObject, right: ObjectRight)] = []
        for parameter in method.objects {
            guard let name = parameters[parameter.name]?.string else { continue }
            // One that the caller may not see looks as if it did not exist, also where no right is asked for.
            guard let object = services.inventory[name],
                parameter.types.isEmpty || parameter.types.contains(object.type),
                let right = ObjectRights.right(of: principal, on: object, in: services.inventory)
            else { throw noSuchObject(name, parameter.types) }
            found.append((parameter, object, right))
        }
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (parameter, object, present) in found {
            if let right = parameter.right, present < right {
                throw MethodError.unauthorized(permission: right.rawValue, objectID: object.id)
            }
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            text.appendJSON(parameter.name)
            text.append(UInt8(ascii: ":"))
            text.append(contentsOf: object.record)
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    private func noSuchObject(_ id: String, _ types: [String]) -> MethodError {
        guard types.count > 1 else { return .noSuchObject(id: id, type: types.first) }
        return MethodError(
            code: 1, message: "no such \(types.joined(separator: ",")) \(id)",
            data: ["id": .string(id), "type": JSON(types)])
    }

    // MARK: Ends

    private func expiry(at deadline: Int64, of method: String, in instance: PluginInstance) -> Operation.Deadline {
        Operation.Deadline(at: deadline) { [self] handle in
            guard let operation = services.operations[handle] else { return }
            cancel(
                operation, .deadline, "\(method) took too long; the plugin \(instance.id) has not answered in time")
            instance.library?.process?.expired(handle)
        }
    }

    /// A plugin does not want the result of a call that it has made; nor is that of the called one wanted.
    func cancelCall(_ handle: UInt64, of instance: PluginInstance) {
        let reason = "the call was cancelled"
        guard services.operations.end(handle, of: instance, .abandoned(.cancelled, reason)) else { return }
        for operation in services.operations.all where operation.parent == handle {
            cancel(operation, .cancelled, reason)
        }
    }

    /// The client is gone: nobody waits for what it has under way.
    func closeSession(_ handle: UInt64) {
        guard let session = services.sessions[handle] else { return }
        services.sessions.close(handle)
        services.broadcaster.renew(session)
        for operation in services.operations.all where operation.session === session {
            cancel(operation, .cancelled, "the client is gone")
        }
    }

    /// Ends an operation and tells its plugin that the result is not wanted.
    private func cancel(_ operation: Operation, _ status: xo_status, _ reason: String) {
        operation.markCancelled()
        let owner = operation.owner
        guard services.operations.end(operation.handle, of: owner, .abandoned(status, reason)) else { return }
        owner.life?.callInLane { tables in tables.cancel?(tables.data, operation.cHandle) }
    }

    // MARK: Who

    /// Ends a session whose token has expired; tells whether it has.
    func endIfExpired(_ session: Session) -> Bool {
        guard let expiration = session.principal?.tokenExpiration, expiration <= WallClock.now() else { return false }
        services.dismiss(session, "the token has expired")
        return true
    }
}

/// What a plugin is told of a call.
private struct Invocation: Sendable {
    let operation: Operation
    let method: UInt32
    let caller: [UInt8]?
    let objects: [UInt8]
    let isInternal: Bool
    let deadline: Int64?

    /// Hands the call to the plugin, in a thread that may enter it.
    func begin(in tables: PluginTables, _ params: UnsafeRawBufferPointer) {
        guard let invoke = tables.methods?.invoke else { return giveUp() }
        let owner = operation.owner
        let status = (caller ?? []).withView { caller in
            objects.withView { objects in
                var call = xo_call(
                    struct_size: UInt32(MemoryLayout<xo_call>.size), flags: isInternal ? UInt32(XO_CALL_INTERNAL) : 0,
                    params: xo_bytes(params), caller: caller, objects: objects, deadline_ns: UInt64(deadline ?? 0),
                    trace_high: owner.services.traceSeed, trace_low: operation.handle)
                return invoke(tables.data, operation.cHandle, method, &call)
            }
        }
        if status != .accepted { owner.complete(operation.handle, status, .init(start: nil, count: 0)) }
    }

    /// The plugin cannot be called any more.
    func giveUp() {
        let owner = operation.owner
        owner.services.operations.end(
            operation.handle, of: owner, .abandoned(.unavailable, owner.absence.message))
    }
}

extension PluginInstance {
    /// Brings the outcome of a call to whoever waits for it.
    func finishCall(_ ended: Operation.Outcome, started: Int64, _ reply: CallReply) {
        counters.latency.record(nanoseconds: UInt64(Clock.now - started))
        switch ended {
        case .completed(let status, let payload) where status >= 0:
            guard payload.isEmpty || JSONText.isValid(payload) else {
                counters.malformed.add(1, ordering: .relaxed)
                fail(reply, .failed("the plugin \(id) returned a result that is not JSON in UTF-8"))
                return
            }
            reply.send(.result(payload))
        case .completed(let status, let payload): fail(reply, StatusText.error(status, payload))
        case .responded: fail(reply, .failed("the plugin \(id) answered a call like an HTTP request"))
        case .abandoned(_, let reason): fail(reply, .failed(reason))
        }
    }

    private func fail(_ reply: CallReply, _ error: MethodError) {
        counters.errors.add(1, ordering: .relaxed)
        reply.fail(error)
    }
}
