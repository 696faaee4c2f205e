import Glibc

/// What is done before a signal ends this process.
enum Interruption {
    /// Has `cleanUp` run when somebody ends the process, who then still sees that the signal has ended it.
    ///
    /// To be called before any other thread is made, so that none of them gets the signal.
    static func before(_ cleanUp: @escaping () -> Void) {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        _ = HostThread { [signals] in
            var (signals, number) = (signals, Int32(0))
            guard sigwait(&signals, &number) == 0 else { return }
            cleanUp()
            signal(number, SIG_DFL)
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            raise(number)
        }
    }
}
