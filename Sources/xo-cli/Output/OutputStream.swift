import Glibc
import Synchronization

/// Standard output or standard error, written without buffer.
///
/// When the reader is gone (EPIPE), what follows is dropped silently: the exit status is that of the command.
final class OutputStream: Sendable {
    static let standard = OutputStream(STDOUT_FILENO)
    static let error = OutputStream(STDERR_FILENO)

    let descriptor: CInt
    /// Whether a person looks at it.
    let isTerminal: Bool
    private let state = Mutex(State())

    private struct State {
        var isClosed = false
        var failure: String?
    }

    private init(_ descriptor: CInt) {
        self.descriptor = descriptor
        self.isTerminal = isatty(descriptor) == 1
    }

    /// Why something could not be written (a full disk, for instance), other than that nobody reads it.
    var failure: String? { state.withLock { $0.failure } }

    func write(_ text: String) {
        write(Array(text.utf8))
    }

    func write(_ bytes: [UInt8]) {
        state.withLock { state in
            guard !state.isClosed else { return }
            bytes.withUnsafeBytes { buffer in
                var rest = buffer[...]
                while !rest.isEmpty {
                    let part = UnsafeRawBufferPointer(rebasing: rest)
                    let written = Glibc.write(descriptor, part.baseAddress, part.count)
                    if written >= 0 {
                        rest = rest.dropFirst(written)
                        continue
                    }
                    switch errno {
                    case EINTR: continue
                    case EAGAIN:
                        // Another process of the pipeline set the shared descriptor to not block.
                        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                        poll(&wait, 1, -1)
                        continue
                    case EPIPE: break
                    default: state.failure = String(cString: strerror(errno))
                    }
                    state.isClosed = true
                    return
                }
            }
        }
    }
}
