import Synchronization

/// Addresses that work once, for what is too large for an answer: the network contract's `$getFrom` and `$sendTo`.
///
/// The path is the secret: whoever knows it needs no other credentials. So it holds 256 random bits, is known here by
/// its hash only (a search that takes longer for a better guess would tell), is forgotten when it is asked for the first
/// time, and expires when it is not. How many may be waiting is bounded, for each session and for all.
///
/// A session's end does not end its addresses: clients may close the connection before they fetch.
///
/// Threads: everything may be called from all.
final class OneTimeDownloads<Producer: Sendable>: Sendable {
    struct Limits: Sendable {
        var perSession = 32
        var total = 1000
        /// Nanoseconds until an address that nobody asks for is forgotten.
        var lifetime: Int64 = 600_000_000_000
    }

    private struct Entry {
        let producer: Producer
        let session: UInt64
        let expiry: Int64
    }

    private let limits: Limits
    private let now: @Sendable () -> Int64
    /// By the hash of the path.
    private let entries = Mutex<[[UInt8]: Entry]>([:])

    /// - Parameter now: nanoseconds on a clock that never goes back.
    init(_ limits: Limits = Limits(), now: @escaping @Sendable () -> Int64 = { Clock.now }) {
        self.limits = limits
        self.now = now
    }

    /// An address for `producer`: `/api/TOKEN` or `/api/TOKEN/FILENAME`.
    ///
    /// - Parameters:
    ///   - session: on whose account it is counted.
    ///   - fileName: what a browser will call the file. Characters that no file name may have become `_`.
    func add(session: UInt64, fileName: String? = nil, _ producer: Producer) throws(OneTimeDownloadError) -> String {
        var path = RequestPath(segments: ["api", Base64.url(SecretKey.random(count: 32))])
        if let fileName { path.segments.append(OneTimeDownloads.safeFileName(fileName)) }
        let key = OneTimeDownloads.key(for: path)
        let now = now()
        try entries.withLock { (entries) throws(OneTimeDownloadError) in
            entries = entries.filter { $0.value.expiry > now }
            guard entries.count < limits.total else { throw .tooMany(limits.total) }
            guard entries.values.count(where: { $0.session == session }) < limits.perSession else {
                throw .tooManyOfSession(limits.perSession)
            }
            entries[key] = Entry(producer: producer, session: session, expiry: now + limits.lifetime)
        }
        return path.encoded
    }

    /// What was added for exactly this path, once.
    /// - Parameter path: percent-encoded as it came.
    func take(path: String) -> Producer? {
        guard let path = RequestPath(path) else { return nil }
        let key = OneTimeDownloads.key(for: path)
        guard let entry = entries.withLock({ $0.removeValue(forKey: key) }), entry.expiry > now() else { return nil }
        return entry.producer
    }

    /// Frees what expired. Adding does so too; this is for a host that is quiet afterwards.
    func removeExpired() {
        let now = now()
        entries.withLock { entries in entries = entries.filter { $0.value.expiry > now } }
    }

    /// Of the decoded path, because clients may escape a file name otherwise than we did.
    private static func key(for path: RequestPath) -> [UInt8] { TokenSecret.hash(path.description) }

    private static func safeFileName(_ name: String) -> String {
        let scalars = name.unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar == "/" || scalar == "\\" || scalar.isControl ? "_" : scalar
        }
        let safe = String(String.UnicodeScalarView(scalars))
        return ["", ".", ".."].contains(safe) ? "download" : safe
    }
}

/// Why there is no address to be had.
enum OneTimeDownloadError: Error, Sendable, Hashable, CustomStringConvertible {
    case tooMany(Int)
    case tooManyOfSession(Int)

    var description: String {
        switch self {
        case .tooMany(let limit):
            "\(limit) transfers are waiting to be fetched, which is the limit; try again in some minutes"
        case .tooManyOfSession(let limit):
            "\(limit) transfers of this connection are waiting to be fetched, which is the limit; fetch them first"
        }
    }
}
