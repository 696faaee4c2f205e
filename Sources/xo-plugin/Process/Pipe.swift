import Glibc

/// A pipe whose ends are closed with it, and that programs which are started do not inherit.
final class Pipe {
    let reading: Int32
    let writing: Int32
    private var isReadingOpen = true
    private var isWritingOpen = true

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError.current("a pipe", "be made") }
        // Out of the way of the numbers that the child's ends get.
        (reading, writing) = (fcntl(ends[0], F_DUPFD_CLOEXEC, 10), fcntl(ends[1], F_DUPFD_CLOEXEC, 10))
        let failure = SystemError.current("a pipe", "be made")
        close(ends[0])
        close(ends[1])
        guard reading >= 0, writing >= 0 else { throw failure }
    }

    /// For the end that somebody else has got, or that is not needed any more.
    func closeReading() {
        if isReadingOpen { close(reading) }
        isReadingOpen = false
    }

    /// The same; the reader finds the end when all copies are closed.
    func closeWriting() {
        if isWritingOpen { close(writing) }
        isWritingOpen = false
    }

    deinit {
        closeReading()
        closeWriting()
    }
}
