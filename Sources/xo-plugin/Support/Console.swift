/// What people and scripts read. Line by line, so that a slow test shows which one it is.
enum Console {
    /// A line of results.
    static func print(_ line: String) { _ = Files.write(Array("\(line)\n".utf8), to: 1) }
    /// What this program itself could not do.
    static func complain(_ problem: String) { _ = Files.write(Array("xo-plugin: \(problem)\n".utf8), to: 2) }
}
