import CXOPlugin
import XOJSON
import XOProtocol

/// xo.calls/1: plugins call methods.
enum CallsTable {
    static func make(_ context: UnsafeMutableRawPointer) -> xo_calls_host {
        xo_calls_host(
            struct_size: UInt32(MemoryLayout<xo_calls_host>.size), reserved: 0, ctx: context,
            call: { context, method, params, options, token, out in
                guard let life = Incarnation.from(context), let method = method.string,
                    let params = UnsafeRawBufferPointer(view: params.ptr, params.len),
                    params.isEmpty || params.first == UInt8(ascii: "{") && JSONText.isValid(params)
                else { return .invalidArgument }
                return life.owner.call(method, Array(params), options, token, out, in: life)
            },
            cancel: { context, op in
                guard let instance = PluginInstance.from(context) else { return }
                instance.services.dispatcher.cancelCall(op.id, of: instance)
            })
    }
}

extension PluginInstance {
    /// The grant without which a plugin cannot call in its own name.
    static let serviceGrant = "calls.as-service"

    fileprivate func call(
        _ method: String, _ params: [UInt8], _ options: UnsafePointer<xo_call_options>?, _ token: UInt64,
        _ out: UnsafeMutablePointer<xo_op>, in life: Incarnation
    ) -> xo_status {
        guard life.isServing, life.tables?.onReply != nil else { return .wrongState }
        var principal: Principal?
        var depth = 0
        var deadline: Int64?
        if let options, Int(options.pointee.struct_size) >= MemoryLayout<xo_call_options>.size {
            if options.pointee.deadline_ns != 0 { deadline = Int64(clamping: options.pointee.deadline_ns) }
            let served = options.pointee.on_behalf_of.id
            if served != 0 {
                guard let operation = services.operations[served], operation.owner === self else {
                    return .staleHandle
                }
                principal = operation.principal
                depth = operation.depth
                guard principal != nil else { return .permissionDenied }
            }
        }
        if principal == nil {
            guard configuration.grants.contains(PluginInstance.serviceGrant) else { return .permissionDenied }
            principal = Principal(service: id)
        }
        guard depth < Dispatcher.maximumDepth else { return .resourceExhausted }
        // The pending call is an operation of its own, so that it has a handle, can be cancelled and ends once.
        let pending = services.operations.begin(
            self, for: principal, depth: depth + 1,
            .function { ended in
                let (status, payload) = CallsTable.outcome(ended)
                life.callInLane { tables in payload.withView { tables.onReply?(tables.data, token, status, $0) } }
            })
        guard let pending else { return .busy }
        out.pointee = pending.cHandle
        let reply = CallReply { [self, handle = pending.handle] outcome in
            switch outcome {
            case .result(let text): services.operations.end(handle, of: self, .completed(.ok, text))
            case .failure(let error):
                error.json.serialized().withUnsafeBytes {
                    _ = services.operations.end(handle, of: self, .completed(.internal, $0))
                }
            }
        }
        let context = CallContext(
            principal: principal, session: nil, isInternal: true, deadline: deadline, parent: pending.handle,
            depth: depth + 1)
        services.dispatcher.enqueue(method, params, context, reply)
        return .accepted
    }
}

extension CallsTable {
    fileprivate static func outcome(_ ended: Operation.Outcome) -> (xo_status, [UInt8]) {
        switch ended {
        case .completed(let status, let payload): (status, Array(payload))
        case .responded: (.internal, [])
        case .abandoned(let status, let reason): (status, MethodError.failed(reason).json.serialized())
        }
    }
}
