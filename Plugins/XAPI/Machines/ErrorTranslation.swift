import XAPIPool
import XOJSON
import XOPluginAPI

/// XenServer's errors in the words of the network contract.
struct ErrorTranslation {
    let connection: PoolConnection

    /// The parameters as people call what they refer to.
    private func named(_ parameters: [String]) async -> [String] {
        var names: [String] = []
        for parameter in parameters { names.append(await connection.name(of: parameter) ?? parameter) }
        return names
    }

    func translate(_ error: XAPIError) async -> MethodError {
        // Clients know ids, not references.
        var parameters: [String] = []
        for parameter in error.parameters { parameters.append(await connection.id(of: parameter) ?? parameter) }
        func parameter(_ index: Int) -> String? { index < parameters.count ? parameters[index] : nil }

        switch error.code {
        case "HOST_OFFLINE": return .hostOffline(objectID: parameter(0))
        case "NO_HOSTS_AVAILABLE": return .noHostsAvailable
        case "NOT_SUPPORTED_DURING_UPGRADE": return .notSupportedDuringUpgrade
        case "OPERATION_BLOCKED": return .operationBlocked(objectID: parameter(0), code: parameter(1) ?? "")
        case "PIF_VLAN_EXISTS": return .objectAlreadyExists(objectID: parameter(0), objectType: "PIF")
        case "SESSION_AUTHENTICATION_FAILED": return .authenticationFailed
        case "VDI_IN_USE": return .vdiInUse(objectID: parameter(0), operation: parameter(1))
        case "VM_BAD_POWER_STATE":
            return .vmBadPowerState(
                objectID: parameter(0), expected: .string(parameter(1) ?? ""), actual: parameter(2) ?? "unknown")
        case "VM_IS_TEMPLATE": return .vmIsTemplate(objectID: parameter(0))
        case "VM_LACKS_FEATURE": return .vmLacksFeature(objectID: parameter(0), feature: parameter(1))
        case "VM_LACKS_FEATURE_SHUTDOWN": return .vmLacksFeature(objectID: parameter(0), feature: "shutdown")
        case "VM_MISSING_PV_DRIVERS": return .vmMissingPVDrivers(objectID: parameter(0))
        default:
            var data: JSONObject = [
                "code": .string(error.code), "params": JSON(parameters),
                "call": ["method": .string(error.method), "params": .array(error.arguments)],
            ]
            data["explanation"] = ErrorSentences.sentence(for: error.code, await named(error.parameters))
                .map(JSON.string)
            return .failed("\(error.code)(\(parameters.joined(separator: ", ")))", data: .object(data))
        }
    }
}
