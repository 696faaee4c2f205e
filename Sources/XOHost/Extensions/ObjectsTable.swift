import CXOPlugin
import XOProtocol

/// xo.objects/1: plugins publish objects.
enum ObjectsTable {
    static func make(_ context: UnsafeMutableRawPointer) -> xo_objects_host {
        xo_objects_host(
            struct_size: UInt32(MemoryLayout<xo_objects_host>.size), reserved: 0, ctx: context,
            source_open: { context, name, out in
                guard let life = Incarnation.from(context), let name = name.string else { return .invalidArgument }
                guard life.isServing else { return .wrongState }
                let instance = life.owner
                guard let source = instance.services.inventory.openSource(name, of: instance) else {
                    return .alreadyExists
                }
                out.pointee = xo_source(id: source)
                return .ok
            },
            snapshot_begin: { ObjectsTable.with($0, $1) { $0.beginSnapshot($1, of: $2) } },
            snapshot_end: { ObjectsTable.with($0, $1) { $0.endSnapshot($1, of: $2) } },
            put: { context, source, objects, count, stride in
                guard let instance = PluginInstance.from(context) else { return .invalidArgument }
                guard count > 0 else { return .ok }
                guard let objects, Int(stride) >= MemoryLayout<xo_object>.size else { return .invalidArgument }
                var batch: [InventoryObject] = []
                batch.reserveCapacity(min(Int(count), 1 << 16))
                for index in 0..<Int(count) {
                    let view = UnsafeRawPointer(objects).loadUnaligned(
                        fromByteOffset: index * Int(stride), as: xo_object.self)
                    do {
                        batch.append(try InventoryObject(view))
                    } catch {
                        instance.counters.malformed.add(1, ordering: .relaxed)
                        instance.log.error("published a malformed object", metadata: ["reason": "\(error)"])
                        return .invalidArgument
                    }
                }
                return ObjectsTable.with(context, source) { $0.put(batch, from: $1, of: $2) }
            },
            remove: { context, source, ids, count, stride in
                guard count > 0 else { return .ok }
                guard let ids, Int(stride) >= MemoryLayout<xo_str>.size else { return .invalidArgument }
                let removed = (0..<Int(count)).compactMap { index in
                    UnsafeRawPointer(ids).loadUnaligned(fromByteOffset: index * Int(stride), as: xo_str.self).string
                }
                return ObjectsTable.with(context, source) { $0.remove(removed, from: $1, of: $2) }
            },
            source_status: { context, source, state, detail in
                let detail = detail.string ?? ""
                let isLive = Int(state) == XO_SOURCE_LIVE
                return ObjectsTable.with(context, source) { $0.setStatus($1, isLive: isLive, detail: detail, of: $2) }
            },
            source_close: { ObjectsTable.with($0, $1) { $0.close($1, of: $2) } })
    }

    /// Changes the inventory on behalf of a plugin, and has it told.
    private static func with(
        _ context: UnsafeMutableRawPointer?, _ source: xo_source,
        _ body: (Inventory, UInt64, PluginInstance) -> Bool
    ) -> xo_status {
        guard let instance = PluginInstance.from(context) else { return .invalidArgument }
        guard body(instance.services.inventory, source.id, instance) else { return .staleHandle }
        instance.services.broadcaster.schedule()
        return .ok
    }
}
