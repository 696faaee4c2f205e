import CXOPlugin
import XOJSON
import XOProtocol

/// A value of the plugin with its revision.
struct Stored: Sendable {
    let value: [UInt8]
    let revision: UInt64
}

/// A store in memory.
extension CheckedHost {
    private static let maximumKey = 512
    private static let maximumValue = 1 << 20

    func makeStore() -> xo_store_host {
        xo_store_host(
            struct_size: size(of: xo_store_host.self), reserved: 0, ctx: Contexts.make(for: self, .store),
            get: { context, key, token in
                CheckedHost.serve(context, .store, "xo_store_host.get", .servingOrConfiguring) { host in
                    let found = try host.stored(key)
                    host.answer(token, found == nil ? .notFound : .ok, found?.revision ?? 0, found?.value ?? [])
                    return .accepted
                }
            },
            put: { context, key, value, _, expected, token in
                CheckedHost.serve(context, .store, "xo_store_host.put", .servingOrConfiguring) { host in
                    let key = try CheckedHost.checkKey(key)
                    let content = try value.checked("value")
                    _ = try value.checkedJSON("value")
                    guard content.count <= CheckedHost.maximumValue else {
                        throw BadArgument("a `value` of \(content.count) bytes, more than 1 MiB")
                    }
                    let revision = host.store.withLock { store -> UInt64? in
                        let present = store[key]?.revision ?? 0
                        guard expected == .max || expected == present else { return nil }
                        store[key] = Stored(value: content, revision: present + 1)
                        return present + 1
                    }
                    host.answer(token, revision == nil ? .failedPrecondition : .ok, revision ?? 0, [])
                    return .accepted
                }
            },
            remove: { context, key, token in
                CheckedHost.serve(context, .store, "xo_store_host.remove", .servingOrConfiguring) { host in
                    let key = try CheckedHost.checkKey(key)
                    host.store.withLock { _ = $0.removeValue(forKey: key) }
                    host.answer(token, .ok, 0, [])
                    return .accepted
                }
            },
            list: { context, prefix, token in
                CheckedHost.serve(context, .store, "xo_store_host.list", .servingOrConfiguring) { host in
                    let prefix = try prefix.checked("prefix")
                    let found = host.store.withLock { $0.filter { $0.key.hasPrefix(prefix) } }
                    let members = found.sorted { $0.key < $1.key }.map {
                        ($0.key, (try? JSON(parsing: $0.value.value)) ?? .null)
                    }
                    let payload = JSON.object(JSONObject(uniqueKeysWithValues: members)).serialized()
                    host.answer(token, .ok, 0, payload)
                    return .accepted
                }
            })
    }

    private func stored(_ key: xo_str) throws -> Stored? {
        let key = try CheckedHost.checkKey(key)
        return store.withLock { $0[key] }
    }

    private static func checkKey(_ key: xo_str) throws -> String {
        let key = try key.checked("key")
        guard (1...maximumKey).contains(key.utf8.count) else {
            throw BadArgument("a `key` of \(key.utf8.count) bytes, expected 1 to \(maximumKey)")
        }
        return key
    }

    private func answer(_ token: UInt64, _ status: xo_status, _ revision: UInt64, _ payload: [UInt8]) {
        callBack("on_store") { [self] tables in
            lend { tables.onStore?(tables.data, token, status, revision, $0.bytes(payload)) }
        }
    }
}
