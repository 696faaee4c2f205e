import Glibc
import Synchronization

/// A descriptor with one owner, who closes it or gives it away.
struct OwnedDescriptor: ~Copyable, Sendable {
    private let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// Another descriptor of the same thing.
    borrowing func duplicate() throws(ListenError) -> OwnedDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw ListenError(errno: errno) }
        return OwnedDescriptor(copy)
    }

    /// Lends the number.
    borrowing func withNumber<Result>(_ body: (Int32) -> Result) -> Result { body(number) }

    /// Gives the number to somebody who closes it.
    consuming func take() -> Int32 {
        let number = number
        discard self
        return number
    }
}

/// A descriptor on its way: whoever takes it owns it; if nobody does, it is closed.
final class DescriptorInTransit: Sendable {
    private let content: Mutex<OwnedDescriptor?>

    init(_ descriptor: consuming OwnedDescriptor) { content = Mutex(descriptor) }

    func take() -> OwnedDescriptor? { content.withLock { $0.take() } }

    /// Lends the number; `nil` if it has been taken.
    func withNumber<Result: Sendable>(_ body: (Int32) -> Result) -> Result? {
        content.withLock { content in
            switch content {
            case .some(let descriptor): descriptor.withNumber(body)
            case .none: nil
            }
        }
    }
}
