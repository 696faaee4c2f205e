import CXOPlugin
import XOJSON
import XOProtocol

/// Methods: whatever is called has no result. So a plugin that registers itself with others finds nothing and goes on.
extension CheckedHost {
    func makeCalls() -> xo_calls_host {
        xo_calls_host(
            struct_size: size(of: xo_calls_host.self), reserved: 0, ctx: Contexts.make(for: self, .calls),
            call: { context, method, parameters, options, token, out in
                CheckedHost.serve(context, .calls, "xo_calls_host.call") { host in
                    _ = try method.checked("method")
                    if parameters.len > 0, try parameters.checkedJSON("params").object == nil {
                        throw BadArgument("`params` that are no JSON object")
                    }
                    if let options {
                        try BadArgument.checkSize(options.pointee.struct_size, of: xo_call_options.self, "options")
                    }
                    out.pointee = xo_op(id: host.handles.make(.call))
                    host.callBack("on_reply") { tables in
                        host.lend { tables.onReply?(tables.data, token, .ok, $0.bytes(Array("null".utf8))) }
                    }
                    return .accepted
                }
            },
            cancel: { context, _ in
                CheckedHost.serve(context, .calls, "xo_calls_host.cancel", .always) { _ in }
            })
    }
}
