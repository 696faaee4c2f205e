import FoundationEssentials

/// Paths of files.
enum Path {
    /// `path` itself if it is absolute, otherwise inside of `folder`.
    static func resolve(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : folder == "/" ? "/\(path)" : "\(folder)/\(path)"
    }

    static func folder(of path: String) -> String {
        let absolute = resolve(path, in: FileManager.default.currentDirectoryPath)
        guard let slash = absolute.lastIndex(of: "/"), slash != absolute.startIndex else { return "/" }
        return String(absolute[..<slash])
    }

    /// The folder of the running program; `nil` if the system does not tell.
    static var executableFolder: String? {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map(folder)
    }
}
