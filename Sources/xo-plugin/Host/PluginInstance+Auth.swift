import CXOPlugin
import XOJSON
import XOProtocol

/// What somebody proves who they are with. Bytes, because not everything that comes in is what it should be.
struct SampleCredentials: Sendable {
    var kind = UInt32(XO_CREDENTIALS_PASSWORD)
    var name: [UInt8]
    var secret: [UInt8]

    init(name: String, secret: String) { self.init(name: Array(name.utf8), secret: Array(secret.utf8)) }

    init(name: [UInt8], secret: [UInt8]) { (self.name, self.secret) = (name, secret) }
}

extension PluginInstance {
    /// What it offers as a provider.
    ///
    /// - Throws: ``NotApplicable`` if it is none.
    func offer() throws -> Offer {
        guard let offer = host.offer.withLock({ $0 }) else { throw NotApplicable("the plugin vouches for nobody") }
        return offer
    }

    /// Asks whether somebody is who they say, and returns at once.
    ///
    /// - Returns: `nil` if it has no such function.
    func authenticate(_ credentials: SampleCredentials) throws -> xo_op? {
        try authenticate(kind: credentials.kind) { loan in
            let name = loan.bytes(credentials.name)
            return (
                xo_str(ptr: name.ptr.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }, len: name.len),
                loan.bytes(credentials.secret)
            )
        }
    }

    /// The same with views that may be anything.
    func authenticate(
        kind: UInt32 = UInt32(XO_CREDENTIALS_PASSWORD), views: @escaping (Loan) -> (name: xo_str, secret: xo_bytes)
    ) throws -> xo_op? {
        let host = host
        let tables = try ready()
        guard let authenticate = tables.auth.authenticate else { return nil }
        let op = host.operations.begin("of authenticate")
        host.lane.run("authenticate") {
            let status = host.lend { loan in
                let (name, secret) = views(loan)
                let credentials = xo_credentials(
                    struct_size: host.size(of: xo_credentials.self), kind: kind, name: name, secret: secret,
                    address: loan.text("192.0.2.7"))
                let status = authenticate(tables.data, op, loan.value(credentials, trailing: host.plan.trailing))
                // As the host does: whoever keeps the view instead of a copy has nothing.
                if let start = secret.ptr, secret.len <= UInt64(Int32.max) {
                    UnsafeMutableRawPointer(mutating: start).initializeMemory(
                        as: UInt8.self, repeating: 0, count: Int(secret.len))
                }
                return status
            }
            host.operations.returned(op, status)
        }
        return op
    }

    /// Asks a question in JSON, and returns at once.
    ///
    /// - Returns: `nil` if it has no such function.
    func ask(_ question: AuthQuestion, _ request: JSON) throws -> xo_op? {
        let text = request.serialized()
        return try ask(question) { $0.bytes(text) }
    }

    /// The same with a view that may be anything.
    func ask(_ question: AuthQuestion, view: @escaping (Loan) -> xo_bytes) throws -> xo_op? {
        let host = host
        let tables = try ready()
        guard let function = tables.auth.questions[question] else { return nil }
        let op = host.operations.begin("of \(question.rawValue)")
        host.lane.run(question.rawValue) {
            host.operations.returned(op, host.lend { function(tables.data, op, view($0)) })
        }
        return op
    }
}
