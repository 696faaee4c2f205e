import Glibc

/// Something of ours that has got the number which a descriptor of the plugin had before it was closed: if the plugin
/// closes it once more, ours is gone.
struct Squatter {
    private let number: Int32
    private let inode: ino_t

    /// `nil` if somebody else has the number.
    init?(_ number: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        // The system gives out the lowest that is free, which may be this one.
        let ours = ends.contains(number) ? number : fcntl(ends[0], F_DUPFD_CLOEXEC, number)
        for end in ends where end != ours { close(end) }
        guard ours == number, let inode = Self.inode(number) else {
            close(ours)
            return nil
        }
        (self.number, self.inode) = (number, inode)
    }

    /// Whether it is still there.
    var isThere: Bool { Self.inode(number) == inode }

    private static func inode(_ descriptor: Int32) -> ino_t? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status.st_ino : nil
    }
}
