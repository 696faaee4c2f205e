/// The libraries that the linker has loaded into this process.
struct LoadedLibraries {
    private struct Library {
        let path: String
        let file: ELFFile
    }

    /// By soname.
    private let libraries: [String: Library]

    init() throws {
        let lines = try ProcessInformation.read("maps").split(separator: UInt8(ascii: "\n"))
        let paths = Set(
            lines.compactMap { line in
                line.firstIndex(of: UInt8(ascii: "/")).map { String(decoding: line[$0...], as: UTF8.self) }
            })
        // What is no library is mapped, too.
        let found = paths.compactMap { path -> (String, Library)? in
            guard let file = try? ELFFile(Files.read(path)), let soname = file.soname else { return nil }
            return (soname, Library(path: path, file: file))
        }
        libraries = Dictionary(found, uniquingKeysWith: { first, _ in first })
    }

    /// Where each of these is; those that are not loaded are left out.
    func paths(of names: [String]) -> [String] { names.compactMap { libraries[$0]?.path } }

    /// What these and all that they need define.
    func symbols(of names: [String]) -> Set<String> {
        var (seen, defined): (Set<String>, Set<String>) = ([], [])
        var rest = names
        while let name = rest.popLast() {
            guard seen.insert(name).inserted, let file = libraries[name]?.file else { continue }
            defined.formUnion(file.symbols.lazy.filter { $0.isDefined && $0.isGlobal }.map(\.name))
            rest += file.needed
        }
        return defined
    }
}
