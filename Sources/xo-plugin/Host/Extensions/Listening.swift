import CXOPlugin
import Glibc
import XOProtocol

/// Sockets for a transport: whatever address it asks for, it gets a free port of the loopback interface, so that tests
/// stand in nobody's way.
extension CheckedHost {
    typealias Listen =
        @Sendable @convention(c) (
            UnsafeMutableRawPointer?, UnsafePointer<xo_endpoint>, UInt64, UnsafeMutablePointer<xo_listener>
        ) -> xo_status
    typealias Unlisten = @Sendable @convention(c) (UnsafeMutableRawPointer?, xo_listener) -> Void

    static let listen: Listen = { context, endpoint, token, out in
        CheckedHost.serve(context, .transport, "xo_transport_host.listen") { host in
            try BadArgument.checkSize(endpoint.pointee.struct_size, of: xo_endpoint.self, "endpoint")
            guard try !endpoint.pointee.address.checked("address").isEmpty else {
                throw BadArgument("an endpoint whose `address` is empty")
            }
            guard endpoint.pointee.port <= UInt16.max else {
                throw BadArgument("an endpoint whose `port` is \(endpoint.pointee.port), expected 0 to 65535")
            }
            let listener = xo_listener(id: host.handles.make(.listener))
            out.pointee = listener
            host.callBack("on_listening") { tables in
                guard let onListening = tables.onListening else { return }
                let descriptor = CheckedHost.openLoopback()
                host.lend { loan in
                    let detail = loan.text(descriptor == nil ? "the test has no socket for it" : "")
                    onListening(
                        tables.data, listener, token, descriptor == nil ? .resourceExhausted : .ok, descriptor ?? -1,
                        detail)
                }
            }
            return .accepted
        }
    }

    static let unlisten: Unlisten = { context, listener in
        CheckedHost.serve(context, .transport, "xo_transport_host.unlisten", .always) {
            _ = try $0.check(listener.id, .listener)
            $0.handles.close(listener.id)
        }
    }

    private static func openLoopback() -> Int32? {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, Glibc.listen(descriptor, SOMAXCONN) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
