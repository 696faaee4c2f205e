import CLDAP
import Glibc
import XOPluginAPI

/// One connection to a server by one handle of libldap. For one thread.
///
/// No call blocks for longer than its deadline: the socket is non-blocking, we wait for it in `poll`, and TLS handshakes
/// are bounded by the library (`LDAP_OPT_NETWORK_TIMEOUT`, which needs `LDAP_OPT_CONNECT_ASYNC` to hold for them). After
/// any failure but a refusal by the server the handle is of no use; nobody may send anything on it any more. In
/// particular not after a failed StartTLS: libldap would send a password in clear text.
final class DirectoryHandle {
    let server: ServerAddress
    let openedAt = Deadline.now
    private(set) var isBroken = false
    /// The version of TLS, as the library names it.
    private(set) var tlsVersion: String?
    private let ld: OpaquePointer
    private let socket: Int32
    private let interrupt: Int32

    /// No message of a server needs to be larger: a person in 20,000 groups has one of 2 MB.
    private static let messageLimit = 4 << 20

    private init(_ server: ServerAddress, _ socket: Int32, _ interrupt: Int32) throws(DirectoryFailure) {
        Library.prepare()
        var handle: OpaquePointer?
        let status = ldap_init_fd(socket, LDAP_PROTO_TCP, server.uri, &handle)
        guard status == LDAP_SUCCESS, let handle else {
            close(socket)
            throw DirectoryFailure(
                kind: .misconfigured, phase: .connect, server: server.uri, text: "libldap refuses the address")
        }
        self.server = server
        self.socket = socket
        self.interrupt = interrupt
        ld = handle
    }

    // It also closes the socket.
    deinit { ldap_unbind_ext(ld, nil, nil) }

    // MARK: Opening

    /// Connects, with TLS if the address or the settings say so. Nothing has been said of who we are.
    ///
    /// - Parameter check: another than the settings' rule, for finding out what is wrong with a certificate.
    static func open(
        _ server: ServerAddress, _ security: Security, _ timeouts: Timeouts, until deadline: Deadline, interrupt: Int32,
        steps: Steps?, checksCertificate check: Bool? = nil
    ) throws(DirectoryFailure) -> DirectoryHandle {
        let socket = try Steps.measure(steps, "connect", server.uri) { () throws(DirectoryFailure) in
            try TCPConnection.open(
                server, until: min(deadline, .after(timeouts.connect)), interrupt: interrupt)
        }
        let handle = try DirectoryHandle(server, socket, interrupt)
        try handle.setUp()
        guard server.isTLS || security.startTLS else { return handle }
        try Steps.measure(steps, "TLS", server.uri) { () throws(DirectoryFailure) in
            try handle.secure(
                security, until: min(deadline, .after(timeouts.tls)), checks: check ?? security.checksCertificate)
        } detail: { _ in
            handle.tlsVersion
        }
        return handle
    }

    private func setUp() throws(DirectoryFailure) {
        let statuses = [
            xo_ldap_set_int(ld, LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3),
            // Else libldap opens anonymous connections to whatever hosts a server names.
            xo_ldap_set_flag(ld, LDAP_OPT_REFERRALS, 0),
            xo_ldap_set_flag(ld, LDAP_OPT_CONNECT_ASYNC, 1),
            xo_ldap_limit_messages(ld, DirectoryHandle.messageLimit),
        ]
        guard statuses.allSatisfy({ $0 == 0 }) else {
            throw failure(.misconfigured, .connect, "libldap lacks an option")
        }
    }

    private func secure(_ security: Security, until deadline: Deadline, checks: Bool) throws(DirectoryFailure) {
        isBroken = true
        try setTLSOptions(security, until: deadline, checks: checks)
        if !server.isTLS { try startTLS(until: deadline) }
        // The time that is left now.
        let left = max(1, Int(deadline.millisecondsLeft))
        _ = xo_ldap_set_milliseconds(ld, LDAP_OPT_NETWORK_TIMEOUT, left)
        let status = ldap_install_tls(ld)
        guard status == LDAP_SUCCESS else {
            let text =
                status == LDAP_TIMEOUT
                ? "the handshake was not finished in time"
                : "the handshake failed; either the certificate is not to be trusted for \(server.host) or the versions of "
                    + "TLS do not fit (\(library(status)))"
            throw failure(.unreachable, .tls, text)
        }
        tlsVersion = text(LDAP_OPT_X_TLS_VERSION)
        guard let tlsVersion, security.minimumVersion.acceptable.contains(tlsVersion) else {
            throw failure(.unreachable, .tls, "the server speaks \(tlsVersion ?? "no TLS"), which tlsMin forbids")
        }
        isBroken = false
    }

    private func setTLSOptions(_ security: Security, until deadline: Deadline, checks: Bool) throws(DirectoryFailure) {
        var statuses = [
            xo_ldap_set_int(
                ld, LDAP_OPT_X_TLS_REQUIRE_CERT, checks ? LDAP_OPT_X_TLS_DEMAND : LDAP_OPT_X_TLS_NEVER),
            xo_ldap_set_int(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, security.minimumVersion.number),
        ]
        if Library.hasGnuTLS {
            statuses.append(
                xo_ldap_set_text(ld, LDAP_OPT_X_TLS_CIPHER_SUITE, security.minimumVersion.gnutlsPriority))
        }
        if checks {
            do {
                statuses.append(xo_ldap_set_text(ld, LDAP_OPT_X_TLS_CACERTFILE, try security.authorities.path()))
            } catch {
                throw failure(.misconfigured, .tls, "\(error)")
            }
        }
        if let own = security.clientCertificate {
            statuses.append(xo_ldap_set_text(ld, LDAP_OPT_X_TLS_CERTFILE, own.certificate))
            statuses.append(xo_ldap_set_text(ld, LDAP_OPT_X_TLS_KEYFILE, own.key))
        }
        guard statuses.allSatisfy({ $0 == 0 }) else {
            throw failure(.misconfigured, .tls, "libldap refuses an option for TLS")
        }
        // Last: without it the options of this handle are not used.
        guard xo_ldap_set_int(ld, LDAP_OPT_X_TLS_NEWCTX, 0) == 0 else {
            throw failure(
                .misconfigured, .tls, "the certificates or the key cannot be read by the TLS library")
        }
    }

    private func startTLS(until deadline: Deadline) throws(DirectoryFailure) {
        var request: Int32 = 0
        let status = ldap_start_tls(ld, nil, nil, &request)
        guard status == LDAP_SUCCESS else { throw broken(.tls, status) }
        let message = try receive(request, XO_LDAP_RES_EXTENDED, until: deadline, .tls)
        let answer = try read(message, .tls)
        guard answer.isSuccess else {
            throw failure(.unreachable, .tls, "the server refuses StartTLS: \(answer)")
        }
    }

    /// The server's certificate in DER.
    var peerCertificate: [UInt8]? {
        let certificate = xo_ldap_peer_certificate(ld)
        guard certificate.bv_len > 0 else { return nil }
        defer { ldap_memfree(certificate.bv_val) }
        return bytes(certificate)
    }

    /// Whether the server has closed the connection, or has said something that nobody has asked for.
    var isStale: Bool {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return isBroken || poll(&descriptor, 1, 0) != 0
    }

    // MARK: Binding

    /// A simple bind. Neither name nor password may be empty: without a password a server may take it for an anonymous
    /// bind and say yes (RFC 4513, section 5.1.2).
    func bind(
        _ name: String, _ password: Secret, until deadline: Deadline, _ phase: DirectoryFailure.Phase
    ) throws(DirectoryFailure) -> ServerAnswer {
        guard !isBroken else { throw failure(.unreachable, phase, "the connection is broken") }
        guard !name.isEmpty, password.count > 0 else {
            throw failure(.misconfigured, phase, "a bind without a name or a password is not sent")
        }
        // Lent: the library writes it to the socket's buffer before it returns.
        let (status, request) = password.withBytes { bytes -> (Int32, Int32) in
            var credentials = berval(
                bv_len: ber_len_t(bytes.count),
                bv_val: UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self))
            return sendBind(name, mechanism: nil, &credentials)
        }
        return try finishBind(status, request, until: deadline, phase)
    }

    /// A bind by the certificate that TLS has shown to the server (SASL EXTERNAL).
    func bindByCertificate(until deadline: Deadline) throws(DirectoryFailure) -> ServerAnswer {
        // Empty, not absent: else the server asks back for the name, which the certificate has told already.
        var none: [CChar] = [0]
        let (status, request) = none.withUnsafeMutableBufferPointer { none in
            var credentials = berval(bv_len: 0, bv_val: none.baseAddress)
            return sendBind("", mechanism: "EXTERNAL", &credentials)
        }
        return try finishBind(status, request, until: deadline, .serviceBind)
    }

    private func sendBind(
        _ name: String, mechanism: String?, _ credentials: UnsafeMutablePointer<berval>
    ) -> (status: Int32, request: Int32) {
        var request: Int32 = 0
        var policy: UnsafeMutablePointer<LDAPControl>?
        ldap_create_passwordpolicy_control(ld, &policy)
        defer { ldap_control_free(policy) }
        var controls: [UnsafeMutablePointer<LDAPControl>?] = [policy, nil]
        let status = ldap_sasl_bind(ld, name, mechanism, credentials, &controls, nil, &request)
        return (status, request)
    }

    private func finishBind(
        _ status: Int32, _ request: Int32, until deadline: Deadline, _ phase: DirectoryFailure.Phase
    ) throws(DirectoryFailure) -> ServerAnswer {
        guard status == LDAP_SUCCESS else { throw broken(phase, status) }
        return try read(try receive(request, XO_LDAP_RES_BIND, until: deadline, phase), phase)
    }

    // MARK: Searching

    /// What is searched for.
    struct Search {
        var base: String
        var scope: Scope = .subtree
        var filter: String
        /// Only these, since operational attributes come only by name.
        var attributes: [String]
        /// More entries are too many; what comes beyond is not read.
        var limit: Int
        /// Entries a page (RFC 2696); 0: all at once.
        var pageSize = 0

        enum Scope: Sendable {
            case entry, children, subtree

            fileprivate var number: Int32 {
                switch self {
                case .entry: LDAP_SCOPE_BASE
                case .children: LDAP_SCOPE_ONELEVEL
                case .subtree: LDAP_SCOPE_SUBTREE
                }
            }
        }
    }

    /// What was found.
    struct Found {
        var entries: [Entry] = []
        /// Whether the server, or our limit, has left some out.
        var isIncomplete = false
    }

    func search(_ search: Search, until deadline: Deadline) throws(DirectoryFailure) -> Found {
        var found = Found()
        var cookie: [UInt8]? = []
        while let current = cookie {
            cookie = try page(search, current, &found, until: deadline)
            if found.entries.count >= search.limit, cookie != nil {
                found.isIncomplete = true
                break
            }
        }
        return found
    }

    /// One page; returns the cookie of the next one, if there is one.
    private func page(
        _ search: Search, _ cookie: [UInt8], _ found: inout Found, until deadline: Deadline
    ) throws(DirectoryFailure) -> [UInt8]? {
        let request = try send(search, cookie, room: search.limit - found.entries.count, until: deadline)
        while true {
            let message = try receive(request, nil, until: deadline, .search)
            switch ldap_msgtype(message) {
            case Int32(XO_LDAP_RES_SEARCH_ENTRY):
                defer { ldap_msgfree(message) }
                guard found.entries.count < search.limit else {
                    ldap_abandon_ext(ld, request, nil, nil)
                    found.isIncomplete = true
                    return nil
                }
                guard let entry = Entry(ld, message) else {
                    isBroken = true
                    throw failure(.unreachable, .search, "the server sends an entry that cannot be read")
                }
                found.entries.append(entry)
            case Int32(XO_LDAP_RES_SEARCH_RESULT):
                return try finish(message, &found)
            case Int32(XO_LDAP_RES_SEARCH_REFERENCE):
                // Other servers' business: Active Directory names some at the root of each domain.
                ldap_msgfree(message)
            default:
                ldap_msgfree(message)
                isBroken = true
                throw failure(.unreachable, .search, "the server sends what nobody has asked for")
            }
        }
    }

    private func send(
        _ search: Search, _ cookie: [UInt8], room: Int, until deadline: Deadline
    ) throws(DirectoryFailure) -> Int32 {
        guard !isBroken else { throw failure(.unreachable, .search, "the connection is broken") }
        var control: UnsafeMutablePointer<LDAPControl>?
        if search.pageSize > 0 {
            var bytes = cookie.map { CChar(bitPattern: $0) }
            bytes.withUnsafeMutableBufferPointer { bytes in
                var value = berval(bv_len: ber_len_t(bytes.count), bv_val: bytes.baseAddress)
                ldap_create_page_control(ld, ber_int_t(search.pageSize), &value, 0, &control)
            }
        }
        defer { if let control { ldap_control_free(control) } }
        var controls: [UnsafeMutablePointer<LDAPControl>?] = control == nil ? [nil] : [control, nil]
        // strdup: the library wants texts that it may change.
        var attributes = search.attributes.map { strdup($0) } + [nil]
        defer { for attribute in attributes { free(attribute) } }
        // With pages the limit would be one of each page in some servers, of all in others.
        let limit = search.pageSize > 0 ? 0 : Int32(clamping: room)
        // The server's part of the deadline, in whole seconds.
        var time = timeval(tv_sec: Int(deadline.millisecondsLeft / 1000) + 1, tv_usec: 0)
        var request: Int32 = 0
        let status = ldap_search_ext(
            ld, search.base, search.scope.number, search.filter, &attributes, 0, &controls, nil, &time, limit, &request)
        guard status == LDAP_SUCCESS else {
            if status == LDAP_FILTER_ERROR {
                throw failure(.misconfigured, .search, "libldap refuses the filter \(search.filter)")
            }
            throw broken(.search, status)
        }
        return request
    }

    private func finish(_ message: OpaquePointer, _ found: inout Found) throws(DirectoryFailure) -> [UInt8]? {
        var cookie: [UInt8]?
        let answer = try read(message, .search) { controls in
            guard let control = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, nil) else { return }
            var estimate: ber_int_t = 0
            var value = berval()
            guard ldap_parse_pageresponse_control(ld, control, &estimate, &value) == LDAP_SUCCESS else { return }
            if value.bv_len > 0 { cookie = bytes(value) }
            ldap_memfree(value.bv_val)
        }
        switch answer.code {
        case LDAP_SUCCESS: return cookie
        case LDAP_SIZELIMIT_EXCEEDED, LDAP_ADMINLIMIT_EXCEEDED:
            found.isIncomplete = true
            return nil
        case LDAP_REFERRAL, LDAP_PARTIAL_RESULTS:
            throw failure(.misconfigured, .search, "the server refers to another one: it does not hold this base")
        default:
            var failure = failure(answer.kind, .search, "\(answer)")
            failure.code = answer.code
            throw failure
        }
    }

    // MARK: Messages

    /// The next message for a request, to free with `ldap_msgfree`.
    private func receive(
        _ request: Int32, _ type: Int?, until deadline: Deadline, _ phase: DirectoryFailure.Phase
    ) throws(DirectoryFailure) -> OpaquePointer {
        while true {
            // Also of a server that never stops talking.
            guard !deadline.hasPassed else {
                isBroken = true
                throw failure(.unreachable, phase, "the server did not answer in time")
            }
            var message: OpaquePointer?
            // Until it has nothing: the library may hold what the socket does not show any more.
            let kind = xo_ldap_take(ld, request, &message)
            if kind > 0, let message {
                guard type == nil || type == Int(kind) else {
                    ldap_msgfree(message)
                    isBroken = true
                    throw failure(.unreachable, phase, "the server answers something else than it was asked")
                }
                return message
            }
            guard kind == 0 else { throw broken(phase, xo_ldap_result_code(ld)) }
            // In slices: the library sends the rest of a request only when it is asked for the answer.
            let slice = min(deadline, .after(.milliseconds(250)))
            switch Waiting.wait(for: socket, POLLIN, until: slice, interrupt: interrupt) {
            case .ready: break
            case .tooLate where !deadline.hasPassed: break
            case .tooLate:
                isBroken = true
                throw failure(.unreachable, phase, "the server did not answer in time")
            case .interrupted:
                isBroken = true
                throw failure(.interrupted, phase, "stopped")
            }
        }
    }

    /// Reads and frees a message that ends an operation.
    private func read(
        _ message: OpaquePointer, _ phase: DirectoryFailure.Phase,
        controls look: (UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>) -> Void = { _ in }
    ) throws(DirectoryFailure) -> ServerAnswer {
        var code: Int32 = 0
        var diagnostic: UnsafeMutablePointer<CChar>?
        var controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?
        let status = ldap_parse_result(ld, message, &code, nil, &diagnostic, nil, &controls, 1)
        defer {
            ldap_memfree(diagnostic)
            if let controls { ldap_controls_free(controls) }
        }
        guard status == LDAP_SUCCESS else { throw broken(phase, status) }
        var answer = ServerAnswer(code: code, diagnostic: diagnostic.map { String(cString: $0) } ?? "")
        if let controls {
            answer.policy = policy(controls)
            look(controls)
        }
        return answer
    }

    private func policy(
        _ controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>
    ) -> ServerAnswer.PolicyNote? {
        guard let control = ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, controls, nil) else { return nil }
        var expires: ber_int_t = 0
        var grace: ber_int_t = 0
        var error = PP_noError
        guard ldap_parse_passwordpolicy_control(ld, control, &expires, &grace, &error) == LDAP_SUCCESS else {
            return nil
        }
        return switch error {
        case PP_noError: nil
        case PP_passwordExpired: .passwordExpired
        case PP_accountLocked: .accountLocked
        case PP_changeAfterReset: .mustChange
        default: .other(Int(error.rawValue))
        }
    }

    // MARK: Failures

    /// The connection is of no use any more.
    private func broken(_ phase: DirectoryFailure.Phase, _ status: Int32) -> DirectoryFailure {
        isBroken = true
        let text =
            switch status {
            case LDAP_SERVER_DOWN: "the server has closed the connection, or what it sends is too large or no LDAP"
            case LDAP_DECODING_ERROR: "what the server sends is no LDAP"
            default: library(status)
            }
        return failure(.unreachable, phase, text)
    }

    private func failure(
        _ kind: DirectoryFailure.Kind, _ phase: DirectoryFailure.Phase, _ text: String
    ) -> DirectoryFailure {
        DirectoryFailure(kind: kind, phase: phase, server: server.uri, text: text)
    }

    private func library(_ status: Int32) -> String {
        let name = ldap_err2string(status).map { String(cString: $0) } ?? "unknown"
        return "libldap: \(name) (\(status))"
    }

    private func text(_ option: Int32) -> String? {
        guard let text = xo_ldap_text(ld, option) else { return nil }
        defer { ldap_memfree(text) }
        return String(cString: text)
    }
}

/// A copy of the library's bytes.
func bytes(_ value: berval) -> [UInt8] {
    guard let start = value.bv_val else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(value.bv_len)))
}
