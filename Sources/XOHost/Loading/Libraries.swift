import Glibc
import Synchronization

/// All loaded libraries. The same content is loaded once, however many instances there are of it.
final class Libraries: Sendable {
    private let copies: LibraryCopies
    private let loaded = Mutex<[String: PluginLibrary]>([:])
    /// What other processes have loaded.
    private let elsewhere = Mutex<Set<String>>([])

    init(copies: LibraryCopies) { self.copies = copies }

    /// Removes copies of earlier runs that nothing has loaded in this one.
    func removeUnused() {
        copies.remove(except: Set(loaded.withLock { $0.keys }).union(elsewhere.withLock { $0 }))
    }

    /// Finds and loads the library of a plugin.
    func load(_ plugin: Configuration.Plugin) throws -> PluginLibrary {
        let library = try PluginLibrary(loading: try find(plugin), copies: copies)
        return loaded.withLock { loaded in
            if let known = loaded[library.hash.description] { return known }
            loaded[library.hash.description] = library
            return library
        }
    }

    /// Finds the library of a plugin and makes the copy that another process is to load.
    func prepare(_ plugin: Configuration.Plugin) throws -> (path: String, copy: String, hash: ContentHash) {
        let path = try find(plugin)
        let (copy, hash) = try copies.copy(of: path)
        elsewhere.withLock { _ = $0.insert(hash.description) }
        return (path, copy, hash)
    }

    private func find(_ plugin: Configuration.Plugin) throws(LoadError) -> String {
        guard let path = plugin.libraryCandidates.first(where: { access($0, F_OK) == 0 }) else {
            throw LoadError(
                plugin.library, "is not there; looked for \(plugin.libraryCandidates.joined(separator: ", "))")
        }
        return path
    }
}
