import CXOPlugin
import XOJSON
import XOProtocol

extension CheckedHost {
    /// The table that `create` gets. It stays where it is for ever: the plugin may look at it at any time.
    func makeCore() -> UnsafePointer<xo_host> {
        func permanent(_ text: String) -> xo_str {
            let memory = Loan.permanent(plan.tables, byteCount: text.utf8.count)
            memory.copyMemory(from: Array(text.utf8), byteCount: text.utf8.count)
            return xo_str(ptr: UnsafePointer(memory.assumingMemoryBound(to: CChar.self)), len: UInt64(text.utf8.count))
        }
        return place(
            xo_host(
                struct_size: size(of: xo_host.self), major: UInt16(XO_ABI_MAJOR),
                // What is behind the table's end would be of a later minor.
                minor: plan.trailing > 0 ? UInt16(XO_ABI_MINOR) + 1 : UInt16(XO_ABI_MINOR),
                ctx: Contexts.make(for: self, .core), name: permanent("xo-plugin"), version: permanent("1.0.0"),
                instance_id: permanent(instanceID), data_dir: permanent(dataDirectory),
                get_extension: { context, id in
                    CheckedHost.serve(context, .core, "xo_host.get_extension", .always, ifRefused: { _ in nil }) {
                        try $0.table(id.checked("id"))
                    }
                },
                log_enabled: { context, level in
                    CheckedHost.serve(context, .core, "xo_host.log_enabled", .always, ifRefused: { _ in 0 }) { _ in
                        try CheckedHost.checkLevel(level)
                        return 1
                    }
                },
                log: { context, record in
                    CheckedHost.serve(context, .core, "xo_host.log", .always) { host in
                        try BadArgument.checkSize(record.pointee.struct_size, of: xo_log_record.self, "record")
                        try CheckedHost.checkLevel(record.pointee.level)
                        let message = try record.pointee.message.checked("message")
                        let fields = try record.pointee.fields.checked("fields")
                        host.checkForSecrets(message + fields, in: "the log")
                        host.log.withLock { if $0.count < 1000 { $0.append("\(message) \(fields)") } }
                        guard fields.isEmpty || (try? JSON(parsing: fields))?.object != nil else {
                            throw BadArgument("`fields` that are no JSON object")
                        }
                    }
                },
                complete: { context, op, status, payload in
                    CheckedHost.serve(context, .core, "xo_host.complete", .always) {
                        let bytes = $0.releaser.take(payload, from: "xo_host.complete")
                        $0.checkResult(status, bytes)
                        $0.checkForSecrets(String(decoding: bytes, as: UTF8.self), in: "the end of an operation")
                        return $0.operations.complete(op, Operations.Outcome(status: status, payload: bytes))
                    }
                },
                is_cancelled: { context, op in
                    CheckedHost.serve(context, .core, "xo_host.is_cancelled", .always, ifRefused: { _ in 1 }) {
                        $0.operations.isCancelled(op) ? 1 : 0
                    }
                }))
    }

    private static func checkLevel(_ level: Int32) throws {
        guard (Int32(XO_LOG_TRACE)...Int32(XO_LOG_PLUGIN_MISBEHAVING)).contains(level) else {
            throw BadArgument("the log level \(level), expected one of 0 to \(XO_LOG_PLUGIN_MISBEHAVING)")
        }
    }

    private func checkResult(_ status: xo_status, _ payload: [UInt8]) {
        guard !payload.isEmpty else { return }
        let json: JSON
        do {
            json = try JSON(parsing: payload)
        } catch {
            journal.note(.badResult, "It completes an operation with a payload that is not JSON: \(error).")
            return
        }
        if status < 0 && (json["code"]?.integer == nil || json["message"]?.string == nil) {
            journal.note(
                .badResult, "It completes an operation with the status \(status) and an error without code and message."
            )
        }
    }

    // MARK: Tables

    private func table(_ id: String) -> UnsafeRawPointer? {
        guard plan.givesExtensions else { return nil }
        return switch id {
        case XO_CALLS_1: UnsafeRawPointer(place(makeCalls()))
        case XO_OBJECTS_1: UnsafeRawPointer(place(makeObjects()))
        case XO_EVENTS_1: UnsafeRawPointer(place(makeEvents()))
        case XO_HTTP_1: UnsafeRawPointer(place(makeHTTP()))
        case XO_TRANSPORT_1: UnsafeRawPointer(place(makeTransport()))
        case XO_STORE_1: UnsafeRawPointer(place(makeStore()))
        case XO_METRICS_1: UnsafeRawPointer(place(makeMetrics()))
        case XO_AUTH_1: UnsafeRawPointer(place(makeAuth()))
        default: nil
        }
    }

    /// The `struct_size` of what this host makes.
    func size<T>(of type: T.Type) -> UInt32 { UInt32(MemoryLayout<T>.size + plan.trailing) }

    private func place<T>(_ table: T) -> UnsafePointer<T> {
        let memory = Loan.permanent(plan.tables, byteCount: MemoryLayout<T>.size + plan.trailing)
        return UnsafePointer(Loan.place(table, trailing: plan.trailing, in: memory))
    }
}
