import Synchronization

/// The instances that vouch for people at present.
final class Providers: Sendable {
    struct Provider: Sendable {
        let life: Incarnation
        let offer: ProviderOffer

        /// The instance's id, which its people are known by in the store.
        var id: String { life.owner.id }
        /// What the administrator says of its people.
        var rules: IdentityRules { life.owner.configuration.identity }
    }

    private let state = Mutex<[String: Provider]>([:])

    /// In the order of `plugins.json`, which is that in which they are asked.
    var all: [Provider] {
        state.withLock { Array($0.values) }.sorted {
            $0.life.owner.configuration.index < $1.life.owner.configuration.index
        }
    }

    subscript(id: String) -> Provider? { state.withLock { $0[id] } }

    func set(_ offer: ProviderOffer, of life: Incarnation) {
        state.withLock { $0[life.owner.id] = Provider(life: life, offer: offer) }
    }

    func remove(of instance: PluginInstance) {
        state.withLock { providers in
            if providers[instance.id]?.life.owner === instance { providers[instance.id] = nil }
        }
    }
}
