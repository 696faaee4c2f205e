import XOJSON

extension Toolstack {
    /// Calls that do more than the data model implies, by `Class.method`.
    static let handlers: [String: Handler] = [
        sessionCalls, eventCalls, taskCalls, powerCalls, virtualMachineCalls, deviceCalls, hotplugCalls, snapshotCalls,
        resourceCalls, hostPowerCalls, evacuationCalls, coordinatorCalls, availabilityCalls, hostCalls, messageCalls,
    ].reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }

    /// Carries out a call and hands its result to `answer`, now or later.
    ///
    /// - Parameter agent: the host that is called; `nil` for the coordinator.
    /// - Returns: what the answer waits for, if it does
    func perform(
        _ request: RPCRequest, at agent: HostAgent?, answer: @escaping (Pending.Result) -> Void
    ) -> Pending? {
        do {
            if let reply = systemCall(request) {
                answer(.success(reply))
                return nil
            }
            guard let agent = agent ?? coordinator else { throw XAPIFailure("HOST_STILL_BOOTING") }
            if let refusal = refusal(of: request.method, at: agent) { throw refusal }
            let (message, isAsync) = try resolve(request)
            var parameters = request.parameters[...]
            var session: Row?
            if message.needsSession, !takeLocalSession(&parameters, for: message, at: agent) {
                session = try takeSession(&parameters)
            }
            if message.isRemoved { throw XAPIFailure("MESSAGE_REMOVED") }
            let arguments = try checkedArguments(Array(parameters), of: message)
            let task = message.isAsync ? try makeTask(request.method) : nil
            let call = Call(message: message, arguments: arguments, session: session, task: task, agent: agent)
            if isAsync, let task {
                _ = run(call) { [self] result in finish(task, result) }
                answer(.success(.value(.string(task.reference), .reference("task"))))
            } else {
                return run(call) { [self] result in
                    // A synchronous call has a task only while it lasts.
                    if let task { database.destroy(task) }
                    answer(result)
                }
            }
        } catch let failure as XAPIFailure {
            answer(.failure(failure))
        } catch {
            answer(.failure(.internalError("\(error)")))
        }
        return nil
    }

    /// Carries out a call that has been checked.
    private func run(_ call: Call, whenDone: @escaping (Pending.Result) -> Void) -> Pending? {
        do {
            if call.task != nil, let failure = taskFaults.next() { throw failure }
            let outcome =
                if let handler = Toolstack.handlers[call.message.fullName] {
                    try handler(self, call)
                } else {
                    try derivedCall(call)
                }
            switch outcome {
            case .done(let reply): whenDone(.success(reply))
            case .pending(let pending):
                pending.whenResolved(whenDone)
                return pending
            }
        } catch let failure as XAPIFailure {
            whenDone(.failure(failure))
        } catch {
            whenDone(.failure(.internalError("\(error)")))
        }
        return nil
    }

    private func systemCall(_ request: RPCRequest) -> Reply? {
        if request.method == "system.listMethods" { return .methodNames(database.model.methodNames) }
        if request.method.hasPrefix("system.isAlive:") {
            return .value(request.parameters.first ?? "", .string)
        }
        return nil
    }

    /// Finds what is called. Besides `Class.method` there are `Class_method` and, before the former, `Async.`.
    private func resolve(_ request: RPCRequest) throws(XAPIFailure) -> (MessageModel, isAsync: Bool) {
        var name = request.method[...]
        var isAsync = false
        for prefix in ["Async.", "InternalAsync."] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
            isAsync = true
            break
        }
        if let message = message(named: name), !isAsync || message.isAsync { return (message, isAsync) }
        // An unknown name might be a host's extension, which only logged-in users may try.
        if !request.parameters.isEmpty {
            var parameters = request.parameters[...]
            _ = try takeSession(&parameters)
        }
        throw XAPIFailure("MESSAGE_METHOD_UNKNOWN", request.method)
    }

    private func message(named name: Substring) -> MessageModel? {
        if let dot = name.firstIndex(of: ".") {
            return database.model[String(name[..<dot])]?.messages[String(name[name.index(after: dot)...])]
        }
        // Names of classes contain underscores themselves, so each one is a possible end of the class.
        for index in name.indices where name[index] == "_" {
            let method = String(name[name.index(after: index)...])
            if let message = database.model[String(name[..<index])]?.messages[method] { return message }
        }
        return nil
    }

    private func checkedArguments(_ given: [JSON], of message: MessageModel) throws(XAPIFailure) -> [JSON] {
        let mandatory = message.parameters.prefix { $0.defaultValue == nil }.count
        let hasDefaults = mandatory < message.parameters.count
        guard given.count >= mandatory, given.count <= message.parameters.count || hasDefaults else {
            throw XAPIFailure(
                "MESSAGE_PARAMETER_COUNT_MISMATCH", message.fullName, String(mandatory), String(given.count))
        }
        var arguments: [JSON] = []
        for (index, parameter) in message.parameters.enumerated() {
            if index < given.count {
                arguments.append(try database.model.convert(given[index], to: parameter.type))
            } else {
                arguments.append(parameter.defaultValue ?? .null)
            }
        }
        return arguments
    }
}
