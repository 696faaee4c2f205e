/// Where an instance is in its life; see `xo/core.h`.
enum PluginState: Sendable, Equatable {
    /// In the configuration, but switched off.
    case disabled
    /// Not created yet, or destroyed.
    case unloaded
    case starting
    case running
    case stopping
    /// Stopped in order; can be started again.
    case stopped
    /// Did not load, configure or start, or was given up; `reason` is for the administrator.
    case failed(reason: String)

    var name: String {
        switch self {
        case .disabled: "disabled"
        case .unloaded: "unloaded"
        case .starting: "starting"
        case .running: "running"
        case .stopping: "stopping"
        case .stopped: "stopped"
        case .failed: "failed"
        }
    }

    var reason: String? {
        if case .failed(let reason) = self { reason } else { nil }
    }
}

/// Why a step of an instance's life failed.
struct LifecycleError: Error, Sendable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
