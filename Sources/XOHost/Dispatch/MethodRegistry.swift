import OrderedCollections
import Synchronization

/// All methods that can be called now, by name, in the order of their registration.
final class MethodRegistry: Sendable {
    private let methods = Mutex<OrderedDictionary<String, MethodDefinition>>([:])

    subscript(name: String) -> MethodDefinition? { methods.withLock { $0[name] } }

    var all: [MethodDefinition] { methods.withLock { Array($0.values) } }

    /// Adds methods; returns those whose names are taken, which are not added.
    func add(_ definitions: [MethodDefinition]) -> [MethodDefinition] {
        methods.withLock { methods in
            definitions.filter { definition in
                guard methods[definition.name] == nil else { return true }
                methods[definition.name] = definition
                return false
            }
        }
    }

    func removeAll(of owner: PluginInstance) {
        methods.withLock { methods in
            methods.removeAll { _, definition in
                if case .plugin(let life, _) = definition.provider { life.owner === owner } else { false }
            }
        }
    }
}
