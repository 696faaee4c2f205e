import CXOPlugin
import Synchronization
import XOJSON
import XOProtocol

/// Makes an instance a provider of identities.
public final class Auth: Sendable {
    private let tables: HostTables
    private let core: CoreHost
    private let provider = Mutex<(any AuthProvider)?>(nil)

    init(tables: HostTables, core: CoreHost) {
        self.tables = tables
        self.core = core
    }

    /// From now on `provider` is asked. During `start` or later; again to change what is offered.
    ///
    /// - Throws: `HostError` if the host has no such extension or the offer makes no sense.
    public func offer(_ offer: AuthOffer, _ provider: any AuthProvider) throws {
        self.provider.withLock { $0 = provider }
        try tell(tables.auth?.slot(\.offer), offer.json, "being a provider")
    }

    /// The person has signed out elsewhere or is gone: ends the sessions and tokens that came of vouchers with this
    /// subject.
    ///
    /// - Parameter session: ends only those with this session; `nil`: all.
    public func revoke(subject: String, session: String? = nil) throws {
        var which: JSONObject = ["subject": .string(subject)]
        if let session { which["session"] = .string(session) }
        try tell(tables.auth?.slot(\.revoke), .object(which), "ending sessions")
    }

    /// Nobody asks any more: lets the provider go, which may hold on to the host.
    func abandon() { provider.withLock { $0 = nil } }

    private func tell(
        _ function: ((UnsafeMutableRawPointer?, xo_bytes) -> xo_status)?, _ what: JSON, _ operation: String
    ) throws {
        let status = what.serialized().withView { function?(tables.auth?.slot(\.ctx), $0) }
        try (status ?? .unsupported).check(operation)
    }

    // MARK: Questions

    func authenticate(_ op: xo_op, _ view: UnsafePointer<xo_credentials>, on instance: Instance) -> xo_status {
        guard let provider = provider.withLock({ $0 }) else { return .unsupported }
        let credentials = Credentials(
            kind: view.pointee.kind == UInt32(XO_CREDENTIALS_TOKEN) ? .token : .password,
            name: view.pointee.name.string ?? "", secret: Secret(view.pointee.secret.buffer),
            address: view.pointee.address.string ?? "")
        return answer(op, on: instance) { try await provider.authenticate(credentials).json }
    }

    func ask(_ question: Question, _ op: xo_op, _ request: xo_bytes, on instance: Instance) -> xo_status {
        guard let provider = provider.withLock({ $0 }) else { return .unsupported }
        guard let request = try? JSON(parsing: request.buffer) else { return .invalidArgument }
        return answer(op, on: instance) { try await question.put(to: provider, request) }
    }

    private func answer(
        _ op: xo_op, on instance: Instance, _ body: @escaping @Sendable () async throws -> JSON?
    ) -> xo_status {
        instance.run(op) { [core] in
            do {
                core.complete(op, .ok, try await body()?.serialized() ?? [])
            } catch let refusal as AuthRefusal {
                core.complete(op, refusal.status, MethodError.failed(refusal.message).json.serialized())
            } catch {
                core.complete(op, MethodError(describing: error))
            }
        }
        return .accepted
    }

    /// What a provider is asked in JSON.
    enum Question: Sendable {
        case begin, finish, lookUp, end, page

        fileprivate func put(to provider: any AuthProvider, _ request: JSON) async throws -> JSON? {
            switch self {
            case .begin:
                let destination = try await provider.begin(
                    AuthPlace(request), key: request["key"]?.string ?? "")
                return ["location": .string(destination.location), "memory": destination.memory]
            case .finish:
                // A plain `nil` would be JSON's null, inside of an optional.
                let memory = request["memory"].flatMap { $0.isNull ? JSON?.none : $0 }
                return try await provider.finish(AuthVisit(request), memory: memory).json
            case .lookUp:
                let people = try await provider.lookUp(request["people"]?.array?.compactMap(AuthPerson.init) ?? [])
                return ["people": .array(people.map(\.json))]
            case .end:
                let location = try await provider.end(
                    AuthPlace(request), subject: request["subject"]?.string ?? "",
                    name: request["name"]?.string ?? "", session: request["session"]?.string)
                return location.map { ["location": .string($0)] }
            case .page:
                switch try await provider.page(request["path"]?.string ?? "", AuthVisit(request)) {
                case .content(let type, let body, let status):
                    return ["status": JSON(status), "type": .string(type), "body": .string(body)]
                case .redirect(let location): return ["location": .string(location)]
                }
            }
        }
    }
}

extension AuthPlace {
    fileprivate init(_ request: JSON) {
        base = request["base"]?.string ?? ""
        callback = request["callback"]?.string ?? ""
    }
}

extension AuthVisit {
    fileprivate init(_ request: JSON) {
        place = AuthPlace(request)
        method = request["method"]?.string ?? "GET"
        query = request["query"]?.string ?? ""
        let members = request["parameters"]?.object?.map { ($0.key, $0.value.array?.compactMap(\.string) ?? []) }
        parameters = Dictionary(members ?? []) { first, _ in first }
    }
}

extension AuthPerson {
    fileprivate init?(_ json: JSON) {
        if let subject = json["subject"]?.string {
            self = .subject(subject)
        } else if let name = json["name"]?.string {
            self = .name(name)
        } else {
            return nil
        }
    }
}
