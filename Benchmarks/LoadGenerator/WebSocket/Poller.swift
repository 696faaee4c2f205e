import CEpoll
import Glibc

/// Waits for many connections at once.
struct Poller: ~Copyable {
    private let descriptor: Int32
    private var ready = [epoll_event](repeating: epoll_event(), count: 256)

    init() throws {
        descriptor = epoll_create1(0)
        guard descriptor >= 0 else { throw BenchError.system("cannot make an epoll instance") }
    }

    deinit { close(descriptor) }

    /// Waits for `socket`, too; it is known by `index` from here on.
    func add(_ socket: Int32, index: Int) throws {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64(index)
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event) == 0 else {
            throw BenchError.system("cannot wait for a socket")
        }
    }

    /// Waits until something can be read; `visit` gets the index of each such connection. False after the time-out.
    mutating func wait(milliseconds: Int32, _ visit: (Int) throws -> Void) throws -> Bool {
        let count = epoll_wait(descriptor, &ready, Int32(ready.count), milliseconds)
        guard count >= 0 || errno == EINTR else { throw BenchError.system("cannot wait for sockets") }
        for event in ready.prefix(Int(max(0, count))) { try visit(Int(event.data.u64)) }
        return count > 0
    }
}
