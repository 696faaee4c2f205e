import Glibc

/// A value behind a mutex, with a condition to wait on: what `Synchronization.Mutex` cannot do.
final class Locked<Value>: @unchecked Sendable {
    // Unchecked: the value is touched only while the mutex is held; mutex and condition live at fixed addresses.
    private var value: Value
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// What somebody finds who waits.
    enum Look<Result> {
        case found(Result)
        /// Nothing yet: look again after ``signal()``, or at the deadline (monotonic clock, in
        /// nanoseconds) if there is one.
        case wait(until: Int64?)
    }

    /// Looks until something is found. The value is not accessed between two looks: others change it meanwhile.
    func wait<Result>(_ look: (inout Value) -> Look<Result>) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            switch look(&value) {
            case .found(let result): return result
            case .wait(nil): pthread_cond_wait(condition, mutex)
            case .wait(let deadline?):
                var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
                pthread_cond_timedwait(condition, mutex, &time)
            }
        }
    }

    func signal() { pthread_cond_signal(condition) }

    /// Like ``signal()``, for all that wait: needed where they wait for different things.
    func signalAll() { pthread_cond_broadcast(condition) }
}
