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

    /// A plugin's file, with the copy of it that is to be loaded.
    struct Found: Sendable {
        let path: String
        let copy: String
        let hash: ContentHash
    }

    /// Loads a library into this process.
    func load(_ found: Found) throws -> PluginLibrary {
        let library = try PluginLibrary(loading: found.copy, as: found.path, hash: found.hash)
        return loaded.withLock { loaded in
            if let known = loaded[found.hash.description] { return known }
            loaded[found.hash.description] = library
            return library
        }
    }

    /// Keeps the copy, which another process is to load.
    func keep(_ found: Found) { elsewhere.withLock { _ = $0.insert(found.hash.description) } }

    /// Finds the library of a plugin, and copies it.
    func find(_ plugin: Configuration.Plugin) throws -> Found {
        guard let path = plugin.libraryCandidates.first(where: { access($0, F_OK) == 0 }) else {
            throw LoadError(
                plugin.library, "is not there; looked for \(plugin.libraryCandidates.joined(separator: ", "))")
        }
        let (copy, hash) = try copies.copy(of: path)
        try quarantine?.admit(hash, path)
        return Found(path: path, copy: copy, hash: hash)
    }
}
