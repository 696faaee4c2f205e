import CXOPlugin
import Glibc
import XOProtocol

/// Where a transport wants to take connections.
struct ListenEndpoint: Hashable, Sendable, CustomStringConvertible {
    var address: String
    /// 0: any that is free.
    var port: UInt16

    /// As it stands in a URL.
    var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

/// Why a socket cannot be had.
struct ListenError: Error, Sendable, CustomStringConvertible {
    /// For the plugin; one of those in `xo/transport.h`.
    let status: xo_status
    let description: String

    init(_ status: xo_status, _ description: String) {
        self.status = status
        self.description = description
    }

    /// What a system call said.
    init(errno code: Int32) {
        let status: xo_status =
            switch code {
            case EADDRINUSE: .alreadyExists
            case EACCES, EPERM: .permissionDenied
            case EADDRNOTAVAIL, ENODEV, EAFNOSUPPORT: .notFound
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: .resourceExhausted
            default: .internal
            }
        self.init(status, String(cString: strerror(code)))
    }
}

/// Opens TCP sockets that take connections.
enum ListeningSocket {
    /// Non-blocking and close-on-exec. Blocks while a name is looked up.
    ///
    /// - Parameter backlog: how many connections may wait; 0: as many as the system allows.
    static func open(_ endpoint: ListenEndpoint, backlog: UInt32) throws(ListenError) -> OwnedDescriptor {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var found: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(endpoint.address, String(endpoint.port), &hints, &found)
        guard failure == 0 else {
            throw ListenError(.invalidArgument, "\(endpoint.address): \(String(cString: gai_strerror(failure)))")
        }
        defer { freeaddrinfo(found) }
        var error = ListenError(.notFound, "\(endpoint.address) has no address")
        var next = found
        while let candidate = next?.pointee {
            do throws(ListenError) {
                return try open(candidate, backlog)
            } catch let problem {
                error = problem
            }
            next = candidate.ai_next
        }
        throw error
    }

    private static func open(_ address: addrinfo, _ backlog: UInt32) throws(ListenError) -> OwnedDescriptor {
        let type = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let number = socket(address.ai_family, type, address.ai_protocol)
        guard number >= 0 else { throw ListenError(errno: errno) }
        let descriptor = OwnedDescriptor(number)
        var yes: Int32 = 1
        // Else an address cannot be had again for a minute after its connections were closed.
        setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(number, address.ai_addr, address.ai_addrlen) == 0,
            listen(number, backlog == 0 ? SOMAXCONN : Int32(clamping: backlog)) == 0
        else { throw ListenError(errno: errno) }
        return descriptor
    }
}
