/// The libraries that the linker has loaded into this process.
final class LoadedLibraries {
    private struct Library {
        let path: String
        let file: ELFFile
    }

    /// Of all files that are mapped here; not all of them are libraries.
    private let paths: [String]
    /// Those that have been read, by path; `nil` for what is no library.
    private var read: [String: Library?] = [:]

    init() throws {
        let lines = try ProcessInformation.read("maps").split(separator: UInt8(ascii: "\n"))
        paths = Set(
            lines.compactMap { line in
                line.firstIndex(of: UInt8(ascii: "/")).map { String(decoding: line[$0...], as: UTF8.self) }
            }
        ).sorted()
    }

    /// Where each of these is; those that are not loaded are left out.
    func paths(of names: [String]) -> [String] { names.compactMap { library($0)?.path } }

    /// What these and all that they need define.
    func symbols(of names: [String]) -> Set<String> {
        var (seen, defined): (Set<String>, Set<String>) = ([], [])
        var rest = names
        while let name = rest.popLast() {
            guard seen.insert(name).inserted, let file = library(name)?.file else { continue }
            defined.formUnion(file.symbols.lazy.filter { $0.isDefined && $0.isGlobal }.map(\.name))
            rest += file.needed
        }
        return defined
    }

    /// The library of this soname. Its file is mostly called so, and is read first: reading takes time.
    private func library(_ name: String) -> Library? {
        let likely = paths.filter { $0.split(separator: "/").last?.hasPrefix(name) == true }
        return (likely + paths).lazy.compactMap { self.library(at: $0) }.first { $0.file.soname == name }
    }

    private func library(at path: String) -> Library? {
        if let known = read[path] { return known }
        let library = (try? ELFFile(Files.read(path))).map { Library(path: path, file: $0) }
        read[path] = .some(library)
        return library
    }
}
