import XOJSON
import XOPluginAPI

/// `task.*` and `message.*`: what a pool does at present, and what it has noted.
struct ActivityMethods {
    private let registry: ServerRegistry

    init(_ registry: ServerRegistry) { self.registry = registry }

    var all: [Method] {
        [
            change("task.cancel", "Asks a pool to end a task.", "task", "task.cancel"),
            change("task.destroy", "Forgets a task; what it does goes on.", "task", "task.destroy"),
            change("message.delete", "Deletes a pool's message.", "message", "message.destroy"),
        ]
    }

    private func change(_ name: String, _ summary: String, _ type: String, _ message: String) -> Method {
        Method(
            name, summary, permission: .user, parameters: ["id": .string],
            objects: ["id": ObjectParameter(types: [type], right: .administrate)]
        ) { [registry] (_: JSON, call) in
            try await registry.writable(name, call).pool.call(message)
        }
    }
}
