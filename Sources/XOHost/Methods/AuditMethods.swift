import XOJSON
import XOProtocol

extension HostMethods {
    /// `audit.*`: what has happened, and whether anybody has changed the record of it.
    static func audit(_ services: Services) throws -> [MethodDefinition] {
        let range: JSON = [
            "newest": ["type": "string", "optional": true], "oldest": ["type": "string", "optional": true],
        ]
        return [
            try method(
                "audit.getRecords", "What has happened, the newest first.", .atLeast(.admin),
                [
                    "id": ["type": "string", "optional": true, "description": "begin with this record"],
                    "maxRecords": ["type": ["number", "null"], "optional": true],
                    "ndjson": ["type": "boolean", "optional": true],
                ]
            ) { call in
                let limit = call.parameters["maxRecords"]?.integer.map { Int(clamping: $0) } ?? 10_000
                let id = call.parameters["id"]?.string
                if call.parameters["ndjson"] == true {
                    let address = try services.downloads.add(session: call.session?.handle ?? 0) {
                        do {
                            let lines = try services.auditLog.records(from: id, limit: max(0, limit))
                                .flatMap { $0.shown.serialized() + [UInt8(ascii: "\n")] }
                            return OutgoingResponse(headers: [("content-type", "application/json")], body: lines)
                        } catch {
                            return .text("\(error)\n", status: 500)
                        }
                    }
                    return .result(["$getFrom": .string(address)])
                }
                return call.background {
                    try translatingAuditProblems {
                        .array(try services.auditLog.records(from: id, limit: max(0, limit)).map(\.shown))
                    }
                }
            },
            try method(
                "audit.checkIntegrity",
                "Computes all hashes anew; the number of records that are as they were written.",
                .atLeast(.admin), range
            ) { call in
                call.background {
                    try translatingAuditProblems { JSON(try verify(call, services).count) }
                }
            },
            try method(
                "audit.generateFingerprint",
                "Two ends of the chain as one text. Kept elsewhere, it shows later that nothing up to it was rewritten.",
                .atLeast(.admin), range
            ) { call in
                call.background {
                    let oldest = call.parameters["oldest"]?.string ?? AuditLog.noID
                    do throws(any Error) {
                        let (count, newest) = try verify(call, services)
                        return [
                            "fingerprint": .string("\(oldest)|\(newest)"), "newest": .string(newest),
                            "oldest": .string(oldest), "nValid": JSON(count),
                        ]
                    } catch AuditLog.Problem.altered(let id, let count) {
                        return [
                            "fingerprint": .string("\(oldest)|\(AuditLog.noID)"), "newest": .string(AuditLog.noID),
                            "oldest": .string(oldest), "nValid": JSON(count), "error": .string("altered at \(id)"),
                        ]
                    }
                }
            },
        ]
    }

    private static func verify(_ call: NativeCall, _ services: Services) throws -> (count: Int, newest: String) {
        try services.auditLog.verify(
            newest: call.parameters["newest"]?.string, oldest: call.parameters["oldest"]?.string)
    }

    private static func translatingAuditProblems(_ body: () throws -> JSON) throws -> JSON {
        do {
            return try body()
        } catch AuditLog.Problem.missing(let id) {
            throw MethodError(code: 22, message: "the record \(id) is missing", data: ["id": .string(id)])
        } catch AuditLog.Problem.altered(let id, let count) {
            throw MethodError(
                code: 23, message: "the record \(id) was altered, or one before it removed",
                data: ["id": .string(id), "nValid": JSON(count)])
        }
    }
}
