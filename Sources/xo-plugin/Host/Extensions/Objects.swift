import CXOPlugin
import XOJSON
import XOProtocol

/// An inventory that checks what is published and keeps nothing.
extension CheckedHost {
    func makeObjects() -> xo_objects_host {
        xo_objects_host(
            struct_size: size(of: xo_objects_host.self), reserved: 0, ctx: Contexts.make(for: self, .objects),
            source_open: { context, name, out in
                CheckedHost.serve(context, .objects, "xo_objects_host.source_open") {
                    _ = try name.checked("name")
                    out.pointee.id = $0.handles.make(.source)
                    return .ok
                }
            },
            snapshot_begin: { context, source in
                CheckedHost.serve(context, .objects, "xo_objects_host.snapshot_begin") {
                    try $0.check(source.id, .source)
                }
            },
            snapshot_end: { context, source in
                CheckedHost.serve(context, .objects, "xo_objects_host.snapshot_end") {
                    try $0.check(source.id, .source)
                }
            },
            put: { context, source, objects, count, stride in
                CheckedHost.serve(context, .objects, "xo_objects_host.put") {
                    let status = try $0.check(source.id, .source)
                    for object in try BadArgument.array(objects, count, stride: Int(stride), "objects") {
                        try CheckedHost.check(object)
                    }
                    return status
                }
            },
            remove: { context, source, ids, count, stride in
                CheckedHost.serve(context, .objects, "xo_objects_host.remove") {
                    let status = try $0.check(source.id, .source)
                    for id in try BadArgument.array(ids, count, stride: Int(stride), "ids") { _ = try id.checked("id") }
                    return status
                }
            },
            source_status: { context, source, state, detail in
                CheckedHost.serve(context, .objects, "xo_objects_host.source_status") {
                    guard state == UInt32(XO_SOURCE_LIVE) || state == UInt32(XO_SOURCE_STALE) else {
                        throw BadArgument("the state \(state), expected XO_SOURCE_LIVE or XO_SOURCE_STALE")
                    }
                    _ = try detail.checked("detail")
                    return try $0.check(source.id, .source)
                }
            },
            source_close: { context, source in
                CheckedHost.serve(context, .objects, "xo_objects_host.source_close") {
                    let status = try $0.check(source.id, .source)
                    $0.handles.close(source.id)
                    return status
                }
            })
    }

    private static func check(_ object: xo_object) throws {
        let (id, type) = (try object.id.checked("id"), try object.type.checked("type"))
        let pool = try object.pool.checked("pool")
        _ = try object.ref.checked("ref")
        let record = try object.record.checkedJSON("record")
        guard record.object != nil else { throw BadArgument("a `record` that is no JSON object") }
        guard record["id"]?.string == id, record["type"]?.string == type, !id.isEmpty, !type.isEmpty else {
            throw BadArgument("the object '\(id)' of type '\(type)', whose record has another id or type")
        }
        guard pool.isEmpty || record["$pool"]?.string == pool else {
            throw BadArgument("the object '\(id)' of pool '\(pool)', whose record has another $pool")
        }
        guard try !object.record.checked("record").contains(UInt8(ascii: "\n")) else {
            throw BadArgument("the object '\(id)', whose record has a line break")
        }
    }
}
