import CXOPlugin
import XOJSON
import XOProtocol

/// Small durable data of an instance: JSON values of at most 1 MiB by key. What `put` has acknowledged survives a crash.
public final class Store: Sendable {
    private struct Answer: Sendable {
        let status: xo_status
        let revision: UInt64
        let value: JSON?
    }

    private let tables: HostTables
    private let pending = Pending<Answer>()

    init(tables: HostTables) { self.tables = tables }

    private var context: UnsafeMutableRawPointer? { tables.store?.slot(\.ctx) }

    /// The value under `key` and its revision; `nil` if there is none.
    public func get(_ key: String) async throws -> (value: JSON, revision: UInt64)? {
        let answer = try await pending.answer(to: "reading \(key)") { token in
            key.withView { tables.store?.slot(\.get)?(context, $0, token) }
        }
        if answer.status == .notFound { return nil }
        try answer.status.check("reading \(key)")
        return (answer.value ?? .null, answer.revision)
    }

    /// Stores a value and returns its revision.
    ///
    /// - Parameters:
    ///   - secret: encrypt it at rest.
    ///   - revision: store only if this revision stands there, 0 meaning that there must be none; `nil` stores in any
    ///     case. If it does not, a `HostError` with the status `XO_FAILED_PRECONDITION` is thrown.
    @discardableResult
    public func put(
        _ key: String, _ value: JSON, secret: Bool = false, expecting revision: UInt64? = nil
    ) async throws -> UInt64 {
        let text = value.serialized()
        let answer = try await pending.answer(to: "storing \(key)") { token in
            key.withView { key in
                text.withView {
                    tables.store?.slot(\.put)?(
                        context, key, $0, secret ? UInt32(XO_STORE_SECRET) : 0, revision ?? .max, token)
                }
            }
        }
        try answer.status.check("storing \(key)")
        return answer.revision
    }

    /// Removes `key`; nothing happens if there is none.
    public func remove(_ key: String) async throws {
        let answer = try await pending.answer(to: "removing \(key)") { token in
            key.withView { tables.store?.slot(\.remove)?(context, $0, token) }
        }
        try answer.status.check("removing \(key)")
    }

    /// All keys that begin with `prefix`, with their values.
    public func list(prefix: String = "") async throws -> [(key: String, value: JSON)] {
        let answer = try await pending.answer(to: "listing \(prefix)*") { token in
            prefix.withView { tables.store?.slot(\.list)?(context, $0, token) }
        }
        try answer.status.check("listing \(prefix)*")
        return answer.value?.object?.map { ($0, $1) } ?? []
    }

    func abandon() { pending.abandon() }

    func receive(_ token: UInt64, _ status: xo_status, _ revision: UInt64, _ payload: UnsafeRawBufferPointer) {
        let value = payload.isEmpty ? nil : try? JSON(parsing: payload)
        pending.resume(token, with: .success(Answer(status: status, revision: revision, value: value)))
    }
}
