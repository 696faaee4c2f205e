import Glibc
import Synchronization

/// All loaded libraries. The same content is loaded once, however many instances there are of it.
final class Libraries: Sendable {
    private let copies: LibraryCopies
    private let loaded = Mutex<[String: PluginLibrary]>([:])
    /// What other processes have loaded.
    private let elsewhere = Mutex<Set<String>>([])

    private let quarantine: Quarantine?

    /// - Parameter quarantine: `nil` if everything may be loaded.
    init(copies: LibraryCopies, quarantine: Quarantine? = nil) {
        self.copies = copies
        self.quarantine = quarantine
    }

    /// Removes copies of earlier runs that nothing has loaded in this one.
    func removeUnused() {
        copies.remove(except: Set(loaded.withLock { $0.keys }).union(elsewhere.withLock { $0 }))
    }

    /// Finds and loads the library of a plugin.
    func load(_ plugin: Configuration.Plugin) throws -> PluginLibrary {
        let (path, copy, hash) = try find(plugin)
        let library = try PluginLibrary(loading: copy, as: path, hash: hash)
        return loaded.withLock { loaded in
            if let known = loaded[hash.description] { return known }
            loaded[hash.description] = library
            return library
        }
    }

    /// Finds the library of a plugin and makes the copy that another process is to load.
    func prepare(_ plugin: Configuration.Plugin) throws -> (path: String, copy: String, hash: ContentHash) {
        let found = try find(plugin)
        elsewhere.withLock { _ = $0.insert(found.hash.description) }
        return found
    }

    private func find(_ plugin: Configuration.Plugin) throws -> (path: String, copy: String, hash: ContentHash) {
        guard let path = plugin.libraryCandidates.first(where: { access($0, F_OK) == 0 }) else {
            throw LoadError(
                plugin.library, "is not there; looked for \(plugin.libraryCandidates.joined(separator: ", "))")
        }
        let (copy, hash) = try copies.copy(of: path)
        try quarantine?.admit(hash, path)
        return (path, copy, hash)
    }
}
