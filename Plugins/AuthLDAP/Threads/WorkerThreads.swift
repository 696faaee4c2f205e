import Glibc
import Synchronization

/// A few threads of our own for calls that wait: of the resolver, of sockets, of libldap.
///
/// Each owns one `State`, here the connection that it keeps, so that a handle of libldap never changes threads. The
/// alternative, one event loop for all, would still need threads for the resolver and for libldap's TLS handshakes.
///
/// Why a server that stalls cannot starve others: every wait of a worker ends with its job's deadline; a job that has
/// waited for a worker past its deadline is answered at once and never begun; and at most ``queueLimit`` jobs wait. So
/// the worst that a caller gets is *unavailable*, in time, and no thread of Swift's pool is ever held. Another instance
/// has threads of its own.
final class WorkerThreads<State>: Sendable {
    /// A job has no worker, or will have none in time.
    struct Busy: Error, CustomStringConvertible {
        let description: String
    }

    private struct Job {
        let isWanted: @Sendable () -> Bool
        let run: @Sendable (inout State) -> Void
        let refuse: @Sendable (Busy) -> Void
    }

    private struct Queue {
        var jobs: [Job] = []
        var threads = 0
        var idle = 0
        var isStopping = false
    }

    private static var queueLimit: Int { 1000 }

    private let maximum: Int
    private let idleTime: Duration
    private let makeState: @Sendable (_ interrupt: Int32) -> State
    private let rest: @Sendable (inout State) -> Void
    /// Rung once for each job in the queue; both change under the same lock.
    private let work: Doorbell
    /// Rung once and never answered: all waits of all workers end.
    private let interrupt: Doorbell
    private let queue = Mutex(Queue())
    private let ended = Answer<Void>()

    /// - Parameters:
    ///   - maximum: threads; they begin when they are needed.
    ///   - idleTime: after which a thread without work is asked to `rest`.
    ///   - makeState: called on the thread; the descriptor becomes readable when all waiting must end.
    init(
        maximum: Int, idleTime: Duration, makeState: @escaping @Sendable (_ interrupt: Int32) -> State,
        rest: @escaping @Sendable (inout State) -> Void
    ) throws {
        self.maximum = maximum
        self.idleTime = idleTime
        self.makeState = makeState
        self.rest = rest
        work = try Doorbell()
        interrupt = try Doorbell()
    }

    /// Runs `body` on a worker, and returns at the deadline at the latest: the body is told of it, too, and goes on alone
    /// if it does not keep it.
    ///
    /// - Throws: ``Busy``, `CancellationError`, or what `body` throws.
    func run<Result: Sendable>(
        until deadline: Deadline, _ body: @escaping @Sendable (inout State) throws -> Result
    ) async throws -> Result {
        let answer = Answer<Result>()
        let job = Job(
            isWanted: { !answer.isGiven },
            run: { state in answer.give(Swift.Result { try body(&state) }) },
            refuse: { answer.give(.failure($0)) })
        enter(job)
        let timer = Task {
            try await Task.sleep(for: deadline.timeLeft)
            answer.give(.failure(Busy(description: "there was no answer in time")))
        }
        defer { timer.cancel() }
        return try await answer.wait()
    }

    private func enter(_ job: Job) {
        let (refusal, isNew) = queue.withLock { queue -> (Busy?, Bool) in
            if queue.isStopping { return (Busy(description: "the plugin stops"), false) }
            // Those whose callers are gone make room first.
            if queue.jobs.count >= Self.queueLimit {
                let before = queue.jobs.count
                queue.jobs.removeAll { !$0.isWanted() }
                for _ in queue.jobs.count..<before { work.answer() }
            }
            guard queue.jobs.count < Self.queueLimit else {
                return (Busy(description: "\(Self.queueLimit) others wait for the directory"), false)
            }
            queue.jobs.append(job)
            work.ring()
            guard queue.idle < queue.jobs.count, queue.threads < maximum else { return (nil, false) }
            queue.threads += 1
            return (nil, true)
        }
        if let refusal { return job.refuse(refusal) }
        if isNew && !SystemThread.start({ self.serve() }) {
            let isAlone = queue.withLock { queue in
                queue.threads -= 1
                return queue.threads == 0
            }
            if isAlone { job.refuse(Busy(description: "the system has no more threads")) }
        }
    }

    /// Ends all waiting, refuses what has not begun, and returns when no thread is left.
    func stop() async {
        let (jobs, isAlone) = queue.withLock { queue in
            queue.isStopping = true
            defer { queue.jobs = [] }
            return (queue.jobs, queue.threads == 0)
        }
        for job in jobs { job.refuse(Busy(description: "the plugin stops")) }
        interrupt.ring()
        if isAlone { ended.give(.success(())) }
        try? await ended.wait()
    }

    private func serve() {
        var state = makeState(interrupt.descriptor)
        while let job = next(&state) {
            if job.isWanted() { job.run(&state) }
        }
    }

    /// Waits for a job; `nil` when the threads stop, and then this one counts no more.
    private func next(_ state: inout State) -> Job? {
        while true {
            let (job, isStopping, isLast) = queue.withLock { queue -> (Job?, Bool, Bool) in
                if queue.isStopping {
                    queue.threads -= 1
                    return (nil, true, queue.threads == 0)
                }
                if !queue.jobs.isEmpty {
                    work.answer()
                    return (queue.jobs.removeFirst(), false, false)
                }
                queue.idle += 1
                return (nil, false, false)
            }
            if isLast { ended.give(.success(())) }
            if job != nil || isStopping { return job }
            let event = Waiting.wait(
                for: work.descriptor, POLLIN, until: .after(idleTime), interrupt: interrupt.descriptor)
            queue.withLock { $0.idle -= 1 }
            if event == .tooLate { rest(&state) }
        }
    }
}
