import Glibc

/// Waiting for a descriptor, bounded and interruptible.
enum Waiting {
    enum Event {
        case ready, tooLate, interrupted
    }

    /// - Parameters:
    ///   - events: of `poll`.
    ///   - interrupt: a descriptor that ends the waiting when it is readable.
    static func wait(for descriptor: Int32, _ events: Int32, until deadline: Deadline, interrupt: Int32) -> Event {
        var descriptors = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: interrupt, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let count = poll(&descriptors, 2, deadline.millisecondsLeft)
            if count > 0 { return descriptors[1].revents != 0 ? .interrupted : .ready }
            if count == 0, deadline.hasPassed { return .tooLate }
            // A signal: once more.
        }
    }
}
