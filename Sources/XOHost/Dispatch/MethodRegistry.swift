import OrderedCollections
import Synchronization

/// All methods that can be called now, by name, in the order of their registration.
final class MethodRegistry: Sendable {
    private struct State {
        var methods: OrderedDictionary<String, MethodDefinition> = [:]
        var snapshot: [String: MethodDefinition] = [:]
    }

    private let state = Mutex(State())

    subscript(name: String) -> MethodDefinition? { state.withLock { $0.methods[name] } }

    var all: [MethodDefinition] { state.withLock { Array($0.methods.values) } }

    /// The methods of this moment: whoever looks up many asks once, and then waits for nobody.
    var snapshot: [String: MethodDefinition] { state.withLock { $0.snapshot } }

    /// Adds methods; returns those whose names are taken, which are not added.
    func add(_ definitions: [MethodDefinition]) -> [MethodDefinition] {
        change { methods in
            definitions.filter { definition in
                guard methods[definition.name] == nil else { return true }
                methods[definition.name] = definition
                return false
            }
        }
    }

    func removeAll(of owner: PluginInstance) {
        change { methods in
            methods.removeAll { _, definition in
                if case .plugin(let life, _) = definition.provider { life.owner === owner } else { false }
            }
        }
    }

    private func change<Result>(
        _ body: (inout OrderedDictionary<String, MethodDefinition>) -> sending Result
    ) -> sending Result {
        state.withLock { state in
            defer {
                state.snapshot = Dictionary(uniqueKeysWithValues: state.methods.elements.map { ($0.key, $0.value) })
            }
            return body(&state.methods)
        }
    }
}
