import XOJSON

/// How a task on the server ended.
enum TaskOutcome: Sendable {
    /// With its result, as XenServer writes it: an XML-RPC value.
    case success(String)
    case failure(code: String, parameters: [String])
    case lost(String)

    /// `nil` while the task is going on.
    init?(_ task: Record) {
        let error = task["error_info"]?.strings ?? []
        switch task.string("status") {
        case "success": self = .success(task.string("result") ?? "")
        case "failure": self = .failure(code: error.first ?? "INTERNAL_ERROR", parameters: Array(error.dropFirst()))
        case "cancelled": self = .failure(code: error.first ?? "TASK_CANCELLED", parameters: Array(error.dropFirst()))
        default: return nil
        }
    }
}
