import CXOPlugin
import Glibc
import XOJSON
import XOProtocol

/// xo.store/1: small durable data of an instance.
enum StoreTable {
    static func make(_ context: UnsafeMutableRawPointer) -> xo_store_host {
        xo_store_host(
            struct_size: UInt32(MemoryLayout<xo_store_host>.size), reserved: 0, ctx: context,
            get: { context, key, token in
                StoreTable.accept(context, key, token) { values, key in
                    try values.get(key).map { Answer(status: .ok, revision: $0.revision, payload: $0.value) }
                        ?? Answer(status: .notFound)
                }
            },
            put: { context, key, value, flags, expected, token in
                guard let bytes = UnsafeRawBufferPointer(view: value.ptr, value.len), JSONText.isValid(bytes) else {
                    return .invalidArgument
                }
                let value = Array(bytes)
                let isSecret = flags & UInt32(XO_STORE_SECRET) != 0
                return StoreTable.accept(context, key, token) { values, key in
                    guard expected != .max else {
                        return Answer(status: .ok, revision: try values.put(key, value, isSecret: isSecret))
                    }
                    let revision = try values.compareAndSet(
                        key, value, expected: Int64(clamping: expected), isSecret: isSecret)
                    return revision.map { Answer(status: .ok, revision: $0) }
                        ?? Answer(status: .failedPrecondition)
                }
            },
            remove: { context, key, token in
                StoreTable.accept(context, key, token) { values, key in
                    try values.remove(key)
                    return Answer(status: .ok)
                }
            },
            list: { context, prefix, token in
                StoreTable.accept(context, prefix, token) { values, prefix in
                    var text: [UInt8] = [UInt8(ascii: "{")]
                    for entry in try values.all(prefix: prefix) {
                        if text.count > 1 { text.append(UInt8(ascii: ",")) }
                        text.appendJSON(entry.key)
                        text.append(UInt8(ascii: ":"))
                        text.append(contentsOf: entry.value)
                    }
                    text.append(UInt8(ascii: "}"))
                    return Answer(status: .ok, payload: text)
                }
            })
    }

    private struct Answer: Sendable {
        let status: xo_status
        var revision: Int64 = 0
        var payload: [UInt8] = []
    }

    /// Does the work on the instance's store lane, where it may wait for the disk, and answers from there.
    private static func accept(
        _ context: UnsafeMutableRawPointer?, _ key: xo_str, _ token: UInt64,
        _ work: @escaping @Sendable (PluginValues, String) throws -> Answer
    ) -> xo_status {
        guard let life = Incarnation.from(context), let key = key.string else { return .invalidArgument }
        guard life.tables?.onStore != nil else { return .wrongState }
        let instance = life.owner
        guard instance.beginStoreWork() else { return .busy }
        instance.storeLane.run {
            var answer: Answer
            do {
                answer = try work(instance.values, key)
            } catch let error as StoreError where error.kind == .tooLarge {
                answer = Answer(status: .invalidArgument)
                instance.log.warning("the store refused a value", metadata: ["reason": "\(error)"])
            } catch {
                answer = Answer(status: .unavailable)
                instance.log.error("the store failed", metadata: ["reason": "\(error)", "key": "\(key)"])
            }
            life.call { [answer] tables in
                instance.endStoreWork()
                var answer = answer
                answer.payload.withView {
                    tables.onStore?(tables.data, token, answer.status, UInt64(answer.revision), $0)
                }
                // It may hold a secret.
                answer.payload.withUnsafeMutableBytes { bytes in
                    if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
                }
            } ifClosed: {
                instance.endStoreWork()
            }
        }
        return .accepted
    }
}
