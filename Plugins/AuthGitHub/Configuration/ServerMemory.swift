import XOJSON
import XOPluginAPI

/// Which GitHub this instance's people are of. They are known by numbers, which mean others at another GitHub.
enum ServerMemory {
    private static let key = "server"

    /// - Throws: ``ConfigurationError`` if it is another one than before, and nobody has said that it was renamed.
    static func check(_ configuration: Configuration, _ store: Store) async throws {
        let present = configuration.baseUrl.web
        if let known = try await store.get(key)?.value.string, known != present {
            guard configuration.formerBaseUrl?.web == known else {
                throw ConfigurationError(
                    description:
                        "baseUrl: it is \(present), and was \(known); people here are known by the numbers that "
                        + "they have there, which are other people's at another GitHub. Give that an instance with an id "
                        + "of its own; or, if it is the same GitHub under a new name, set formerBaseUrl to \(known)")
            }
        }
        try await store.put(key, .string(present))
    }
}
