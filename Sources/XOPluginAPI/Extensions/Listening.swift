import CXOPlugin
import Glibc
import Synchronization
import XOProtocol

/// A socket that takes connections. The host has opened it and keeps it open while the plugin is started again after a
/// crash.
public final class ListeningSocket: Sendable {
    private let listener: xo_listener
    private let slots: ListenSlots
    /// Below zero once it is taken.
    private let descriptor: Atomic<Int32>

    fileprivate init(_ listener: xo_listener, _ descriptor: Int32, _ slots: ListenSlots) {
        self.listener = listener
        self.slots = slots
        self.descriptor = Atomic(descriptor)
    }

    deinit { closeDescriptor() }

    /// The descriptor, non-blocking and close-on-exec, for whoever will accept connections and close it; `nil` if it has
    /// been taken already.
    public func takeDescriptor() -> Int32? {
        let number = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        return number < 0 ? nil : number
    }

    /// Takes no more connections. Who has taken the descriptor closes that.
    public func close() {
        slots.unlisten?(slots.context, listener)
        closeDescriptor()
    }

    private func closeDescriptor() {
        if let number = takeDescriptor() { _ = Glibc.close(number) }
    }
}

/// Why the host cannot listen.
public struct ListenError: Error, Sendable, CustomStringConvertible {
    public enum Reason: Sendable {
        case portTaken
        case notPermitted
        /// This machine has no such address.
        case noSuchAddress
        /// Neither an address nor the name of one.
        case unknownName
        case other
    }

    public let reason: Reason
    /// In words, for the administrator.
    public let description: String

    fileprivate init(_ status: xo_status, _ detail: String) {
        reason =
            switch Int(status) {
            case XO_ALREADY_EXISTS: .portTaken
            case XO_PERMISSION_DENIED: .notPermitted
            case XO_NOT_FOUND: .noSuchAddress
            case XO_INVALID_ARGUMENT: .unknownName
            default: .other
            }
        description = detail
    }
}

/// The host's functions for sockets.
struct ListenSlots: @unchecked Sendable {
    // See HostTables for why the pointer may be shared.
    let context: UnsafeMutableRawPointer?
    let listen:
        (
            @Sendable @convention(c) (
                UnsafeMutableRawPointer?, UnsafePointer<xo_endpoint>, UInt64, UnsafeMutablePointer<xo_listener>
            ) -> xo_status
        )?
    let unlisten: (@Sendable @convention(c) (UnsafeMutableRawPointer?, xo_listener) -> Void)?

    init(_ table: Table<xo_transport_host>) {
        context = table.slot(\.ctx)
        listen = table.slot(\.listen)
        unlisten = table.slot(\.unlisten)
    }
}

/// Sockets on demand.
final class ListenRequests: Sendable {
    private let slots: ListenSlots
    private let pending = Pending<ListeningSocket>()

    init(_ slots: ListenSlots) { self.slots = slots }

    func listen(_ address: String, _ port: UInt16, backlog: UInt32) async throws -> ListeningSocket {
        try await pending.answer(to: "listening at \(address), port \(port)") { token in
            address.withView { address in
                var endpoint = xo_endpoint()
                endpoint.struct_size = UInt32(MemoryLayout<xo_endpoint>.size)
                endpoint.address = address
                endpoint.port = UInt32(port)
                endpoint.backlog = backlog
                var listener = xo_listener()
                return slots.listen?(slots.context, &endpoint, token, &listener)
            }
        }
    }

    func receive(_ listener: xo_listener, _ token: UInt64, _ status: xo_status, _ descriptor: Int32, _ detail: String) {
        // If nobody waits any more, the socket is closed with the object.
        pending.resume(
            token,
            with: status >= 0
                ? .success(ListeningSocket(listener, descriptor, slots)) : .failure(ListenError(status, detail)))
    }

    func abandon() { pending.abandon() }
}
