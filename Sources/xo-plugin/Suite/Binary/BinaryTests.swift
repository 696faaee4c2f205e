import Glibc

/// What the file is, before anything of it runs.
let binaryTests: [ConformanceTest] = [
    ConformanceTest(
        .binary, "exports", rule: "xo_plugin_entry is the only symbol that a plugin exports.",
        remedy: "build with -fvisibility=hidden, or link with the version script of Sources/CXOPlugin/plugin.map.",
        judges: [.noEntry]
    ) { context in
        let exported = try elf(context).symbols.filter {
            $0.isDefined && $0.isGlobal && $0.isVisible && !$0.isVersionName
        }.map(\.name)
        try require(exported.contains("xo_plugin_entry"), "It exports no function xo_plugin_entry.")
        let others = exported.filter { $0 != "xo_plugin_entry" && !linkerSymbols.contains($0) }
        try require(others.isEmpty, "It also exports \(list(others)).")
    },
    ConformanceTest(
        .binary, "loads", rule: "The library loads from wherever it is copied to, with all symbols resolved.",
        remedy: "link with -Wl,-z,defs, which names what is missing, and need no library that is beside the plugin.",
        judges: [.cannotBeLoaded]
    ) { context in
        _ = try elf(context)
        _ = try context.subject.load()
    },
    ConformanceTest(
        .binary, "imports", rule: "A plugin imports nothing from the host, only from the libraries that it names.",
        remedy: "reach the host through its tables, and name the library that has the symbol when linking."
    ) { context in
        let file = try elf(context)
        _ = try context.subject.load()
        let known = try LoadedLibraries().symbols(of: file.needed)
        // Whoever asks weakly does without.
        let unknown = file.symbols.filter {
            !$0.isDefined && $0.isGlobal && !$0.isWeak && !known.contains($0.name)
        }.map(\.name)
        try require(
            unknown.isEmpty, "It imports \(list(unknown)), which none of the libraries that it needs defines.")
    },
    ConformanceTest(
        .binary, "needs", rule: "A plugin needs only libraries of the system, or of the runtime of its language.",
        remedy: "link other libraries statically, so that the plugin is one file."
    ) { context in
        let file = try elf(context)
        _ = try context.subject.load()
        let foreign = try LoadedLibraries().paths(of: file.needed).filter { path in
            !systemFolders.contains { path.hasPrefix($0) } && !path.contains("/swift/linux/")
        }
        try require(foreign.isEmpty, "It needs \(list(foreign)).")
    },
    ConformanceTest(
        .binary, "no-delete", rule: "A library is never unloaded.",
        remedy: "link with -Wl,-z,nodelete, so that no other host unloads it either."
    ) { context in
        try require(elf(context).flags1 & ELFFile.noDelete != 0, "It lacks the flag DF_1_NODELETE.")
    },
    ConformanceTest(
        .binary, "guest",
        rule:
            "A plugin is a guest in its process: it does not end it, copy it, replace it, or change for whom it acts.",
        remedy: "start programs with posix_spawn, report failure to the host, and leave the process as it is; or find "
            + "out which library has brought the function in, and do without."
    ) { context in
        let imported = Set(try elf(context).symbols.lazy.filter { !$0.isDefined && $0.isGlobal }.map(\.name))
        let complaints = GuestFunctions.complaints(imported)
        try require(complaints.isEmpty, "It imports \(list(complaints, separator: "; ")).")
        let remarks = GuestFunctions.remarks(imported)
        guard !remarks.isEmpty else { return }
        context.remark(
            "it imports \(list(remarks)), which the whole process has in common. A runtime or library may do so; see "
                + "that your own code calls none.")
    },
    ConformanceTest(
        .binary, "glibc-floor", rule: "A plugin runs on the oldest system of the host: its glibc is 2.36, or --glibc.",
        remedy: "build it on the oldest system that it is to run on, or say with --glibc which that is."
    ) { context in
        let oldest = numbers(context.settings.glibc)
        let newer = try elf(context).neededVersions.map(\.version).filter { version in
            guard version.hasPrefix("GLIBC_") else { return false }
            return oldest.lexicographicallyPrecedes(numbers(String(version.dropFirst(6))))
        }
        try require(
            newer.isEmpty, "It needs \(list(newer)), but the oldest glibc is to be \(context.settings.glibc).")
    },
    ConformanceTest(
        .binary, "text-relocations", rule: "The code of a plugin is the same for all, and never written to.",
        remedy: "compile with -fPIC."
    ) { context in
        try require(elf(context).flags & ELFFile.textRelocations == 0, "It has text relocations.")
    },
    ConformanceTest(
        .binary, "search-path", rule: "Where its libraries are looked for is up to the administrator.",
        remedy: "link without -rpath, or with absolute folders that only administrators can write to."
    ) { context in
        let file = try elf(context)
        if let path = file.rpath {
            throw Breach(.finding, "It has the obsolete DT_RPATH '\(path)', which goes before LD_LIBRARY_PATH.")
        }
        // `$ORIGIN` stands for a folder of the host's own, since a copy is loaded: useless, but harmless.
        let bad = (file.runpath ?? "$ORIGIN").split(separator: ":", omittingEmptySubsequences: false).filter {
            !($0.hasPrefix("/") || $0.hasPrefix("$ORIGIN")) || isWritableByAll(String($0))
        }
        try require(
            bad.isEmpty, "Its DT_RUNPATH names \(list(bad.map { "'\($0)'" })), which is relative or anybody's to write."
        )
    },
]

private let systemFolders = ["/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/"]
/// Linkers put these into every library.
private let linkerSymbols: Set = ["_init", "_fini", "__bss_start", "_edata", "_end"]

private func elf(_ context: TestContext) throws -> ELFFile {
    do {
        return try ELFFile(Files.read(context.subject.path))
    } catch let error as ELFFile.Malformed {
        throw Breach(.cannotBeLoaded, "The file cannot be read: \(error).")
    }
}

/// The first few of them, for people.
private func list(_ names: [some StringProtocol], separator: String = ", ") -> String {
    let first = names.prefix(5).joined(separator: separator)
    return names.count > 5 ? "\(first) and \(names.count - 5) more" : first
}

private func numbers(_ version: String) -> [Int] { version.split(separator: ".").map { Int($0) ?? 0 } }

private func isWritableByAll(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & 0o002 != 0
}
