import Glibc

/// A temporary folder with a copy of the plugin, which is what is loaded: the host does the same, so a library that only
/// works beside its own files is found out.
final class Workshop {
    private let folder: String
    /// The copy.
    let library: String
    private var tests = 0

    init(_ content: [UInt8]) throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/xo-plugin-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.current("a folder in \(parent)", "be made") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        library = "\(folder)/plugin.so"
        try Files.write(content, to: library)
    }

    /// A folder for one test.
    func makeFolder() throws -> String {
        tests += 1
        let path = "\(folder)/\(tests)"
        guard mkdir(path, 0o700) == 0 else { throw SystemError.current(path, "be made") }
        return path
    }

    /// Removes all of it. On any thread.
    func remove() { Files.removeFolder(folder) }
}
