/// What a server answers while it cannot work, in words for administrators.
enum ServerTrouble {
    static func describe(_ error: any Error) -> String {
        guard let error = error as? XAPIError, let words = words(error) else { return "\(error)" }
        return "\(words) (\(error.code))"
    }

    private static func words(_ error: XAPIError) -> String? {
        let parameter = error.parameters.first ?? ""
        return switch error.code {
        case "HOST_STILL_BOOTING": "the server is starting; it will be tried again"
        case "HOST_HAS_NO_MANAGEMENT_IP":
            "the server's management interface has no address, so it has left its pool; see to its network"
        case "HOST_MASTER_CANNOT_TALK_BACK":
            "the server cannot be reached by its pool's master at \(parameter); see to the network between them"
        case "HOST_UNKNOWN_TO_MASTER":
            "the pool's master does not know this server any more: it was ejected or forgotten"
        case "HOST_ITS_OWN_SLAVE": "the server takes itself for its own master; set its master in its console"
        case "HOST_BROKEN": "the server says of itself that it is broken; its own log has the reason"
        case "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR":
            "the server is newer than its pool's master; update the master first"
        case "HOST_IS_SLAVE":
            "the server belongs to a pool whose master is said to be \(parameter), which says otherwise"
        case "SESSION_INVALID": "the server has ended the session"
        case "SESSION_AUTHORIZATION_FAILED", "RBAC_PERMISSION_DENIED":
            "the server knows the user, who may not do this there; give the user a role in the pool"
        case "TOO_MANY_PENDING_TASKS": "the server has too much to do at present"
        case "MESSAGE_METHOD_UNKNOWN", "MESSAGE_REMOVED":
            "the server does not know \(error.method): it is too old or too new"
        case let code where code.hasPrefix("HA_"): "high availability keeps the server from working; see to the pool"
        default: nil
        }
    }
}
