public import XOJSON

/// An error that a client sees as it is: the error member of its JSON-RPC answer.
///
/// The factories make the errors that clients of Xen Orchestra know; their codes, messages and data are part of the
/// network contract.
public struct MethodError: Error, Sendable, Hashable, CustomStringConvertible {
    public let code: Int
    public let message: String
    public let data: JSON?

    public init(code: Int, message: String, data: JSON? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    public var description: String { message }

    /// The JSON form: `{"code": "message", "data"?}`.
    package var json: JSON {
        var members: JSONObject = ["code": JSON(code), "message": .string(message)]
        if let data { members["data"] = data }
        return .object(members)
    }

    package init(json: JSON) {
        self.init(
            code: json["code"]?.integer.flatMap(Int.init(exactly:)) ?? MethodError.internalCode,
            message: json["message"]?.string ?? "unknown error", data: json["data"])
    }

    /// What the author threw; errors of other types become internal ones.
    package init(describing error: any Error) {
        switch error {
        case let error as MethodError: self = error
        case is CancellationError: self = .failed("the call was cancelled")
        default: self = .failed("\(error)")
        }
    }

    package static let internalCode = -32000
}

extension MethodError {
    /// An error of no particular kind. Administrators see the text; others are told "unknown error from the peer".
    public static func failed(_ message: String, data: JSON? = nil) -> MethodError {
        MethodError(code: internalCode, message: message, data: data)
    }

    public static let notImplemented = MethodError(code: 0, message: "not implemented")

    public static func noSuchObject(id: String, type: String? = nil) -> MethodError {
        MethodError(
            code: 1, message: "no such \(type ?? "object") \(id)",
            data: .object(members(["id": .string(id), "type": type.map(JSON.string)])))
    }

    public static func unauthorized(permission: String? = nil, objectID: String? = nil) -> MethodError {
        MethodError(
            code: 2, message: "not enough permissions",
            data: .object(
                members([
                    "permission": permission.map(JSON.string),
                    "object": .object(members(["id": objectID.map(JSON.string)])),
                ])))
    }

    public static let invalidCredentials = MethodError(code: 3, message: "invalid credentials")

    public static func forbiddenOperation(operation: String, reason: String) -> MethodError {
        MethodError(
            code: 5, message: "forbidden operation: \(operation)",
            data: ["operation": .string(operation), "reason": .string(reason)])
    }

    public static let noHostsAvailable = MethodError(code: 7, message: "no hosts available")
    public static let authenticationFailed = MethodError(code: 8, message: "authentication failed")

    public static func serverUnreachable(objectID: String?) -> MethodError {
        about(objectID, code: 9, "server unreachable")
    }

    public static func invalidParameters(_ message: String = "invalid parameters", errors: JSON? = nil) -> MethodError {
        MethodError(code: 10, message: message, data: errors.map { ["errors": $0] })
    }

    public static func vmMissingPVDrivers(objectID: String?) -> MethodError {
        about(objectID, code: 11, "missing PV drivers")
    }

    public static func vmIsTemplate(objectID: String?) -> MethodError {
        about(objectID, code: 12, "VM is a template")
    }

    public static func vmBadPowerState(objectID: String?, expected: JSON, actual: String) -> MethodError {
        let states = expected.string ?? expected.array?.compactMap(\.string).joined(separator: ",") ?? ""
        return MethodError(
            code: 13, message: "VM state is \(actual) but should be \(states)",
            data: .object(
                members(["objectId": objectID.map(JSON.string), "expected": expected, "actual": .string(actual)])))
    }

    public static func vmLacksFeature(objectID: String?, feature: String?) -> MethodError {
        MethodError(
            code: 14, message: "VM lacks feature \(feature ?? "")",
            data: .object(members(["objectId": objectID.map(JSON.string), "feature": feature.map(JSON.string)])))
    }

    public static let notSupportedDuringUpgrade = MethodError(code: 15, message: "not supported during upgrade")

    public static func objectAlreadyExists(objectID: String?, objectType: String?) -> MethodError {
        MethodError(
            code: 16, message: "\(objectType ?? "object") already exists",
            data: .object(members(["objectId": objectID.map(JSON.string), "objectType": objectType.map(JSON.string)])))
    }

    public static func vdiInUse(objectID: String?, operation: String?) -> MethodError {
        MethodError(
            code: 17, message: "VDI in use",
            data: .object(members(["objectId": objectID.map(JSON.string), "operation": operation.map(JSON.string)])))
    }

    public static func hostOffline(objectID: String?) -> MethodError {
        about(objectID, code: 18, "host offline")
    }

    public static func operationBlocked(objectID: String?, code reason: String) -> MethodError {
        MethodError(
            code: 19, message: "operation blocked",
            data: .object(members(["objectId": objectID.map(JSON.string), "code": .string(reason)])))
    }

    public static func operationFailed(objectID: String?, code reason: String) -> MethodError {
        MethodError(
            code: 21, message: "operation failed",
            data: .object(members(["objectId": objectID.map(JSON.string), "code": .string(reason)])))
    }

    public static func incorrectState(
        actual: JSON, expected: JSON, object: String?, property: String
    ) -> MethodError {
        MethodError(
            code: 25, message: "incorrect state",
            data: .object(
                members([
                    "actual": actual, "expected": expected, "object": object.map(JSON.string),
                    "property": .string(property),
                ])))
    }

    private static func about(_ objectID: String?, code: Int, _ message: String) -> MethodError {
        MethodError(code: code, message: message, data: .object(members(["objectId": objectID.map(JSON.string)])))
    }

    /// Members with a value; the absent ones are left out, as the contract has it.
    private static func members(_ pairs: KeyValuePairs<String, JSON?>) -> JSONObject {
        JSONObject(pairs.compactMap { key, value in value.map { (key, $0) } }, uniquingKeysWith: { _, last in last })
    }
}
