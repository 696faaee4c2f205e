import Glibc

/// A thread of the host, on which the plugin may be called: not one of Swift's own pool, which a plugin that blocks
/// would take away from everything else.
struct HostThread {
    private let thread: pthread_t

    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    /// - Parameter run: takes over what it captures.
    init(_ run: @escaping () -> Void) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run)).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, body)
        precondition(status == 0, "no thread can be made: \(String(cString: strerror(status)))")
        self.thread = thread
    }

    /// Waits for its end. To be called once, or never.
    func join() { pthread_join(thread, nil) }

    /// Runs `body` on `count` threads that all begin at the same moment, and waits for their end.
    static func together(_ count: Int, _ body: @escaping (Int) -> Void) {
        let arrived = Monitor(0)
        let threads = (0..<count).map { index in
            HostThread {
                arrived.withLock { $0 += 1 }
                _ = arrived.wait { $0 == count ? true : nil }
                body(index)
            }
        }
        for thread in threads { thread.join() }
    }
}
