import Glibc
import Synchronization

/// All loaded libraries. The same content is loaded once, however many instances there are of it.
final class Libraries: Sendable {
    private let copies: LibraryCopies
    private let loaded = Mutex<[String: PluginLibrary]>([:])

    init(copies: LibraryCopies) { self.copies = copies }

    /// Removes copies of earlier runs that nothing has loaded in this one.
    func removeUnused() { copies.remove(except: loaded.withLock { Set($0.keys) }) }

    /// Finds and loads the library of a plugin.
    func load(_ plugin: Configuration.Plugin) throws -> PluginLibrary {
        guard let path = plugin.libraryCandidates.first(where: { access($0, F_OK) == 0 }) else {
            throw LoadError(
                plugin.library, "is not there; looked for \(plugin.libraryCandidates.joined(separator: ", "))")
        }
        let library = try PluginLibrary.load(path, copies: copies)
        return loaded.withLock { loaded in
            if let known = loaded[library.hash.description] { return known }
            loaded[library.hash.description] = library
            return library
        }
    }
}
