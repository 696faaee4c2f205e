import CXOPlugin
import Glibc
import XOJSON
import XOProtocol

/// How a question to a provider ended, other than by an answer.
enum ProviderRefusal: Error, Sendable, CustomStringConvertible {
    /// Known there, and the proof is wrong or the person may not come in.
    case denied(String)
    /// Unknown there.
    case notMine
    /// It says nothing of the person. For the log.
    case trouble(String)

    var description: String {
        switch self {
        case .denied(let reason), .trouble(let reason): reason
        case .notMine: "not known there"
        }
    }

    var isTrouble: Bool { if case .trouble = self { true } else { false } }
}

extension Providers.Provider {
    /// Nobody waits longer for a provider.
    private static let patience: Int64 = 30_000_000_000

    func authenticate(
        _ kind: Int, name: String, secret: SecretBytes, address: String
    ) async throws(ProviderRefusal) -> Voucher {
        try await voucher { tables, op in
            guard let authenticate = tables.auth?.authenticate else { return .unsupported }
            return name.withView { name in
                address.withView { address in
                    secret.withView { secret in
                        var credentials = xo_credentials(
                            struct_size: UInt32(MemoryLayout<xo_credentials>.size), kind: UInt32(kind), name: name,
                            secret: secret, address: address)
                        return authenticate(tables.data, op, &credentials)
                    }
                }
            }
        }
    }

    /// Where a browser goes to sign in, and what the provider wants to have kept.
    func begin(_ place: ProviderPlace, key: String) async throws(ProviderRefusal) -> (location: String, memory: JSON) {
        var request = place.members
        request["key"] = .string(key)
        let answer = try await ask(\.begin, request)
        guard let location = answer["location"]?.string, ProviderPlace.isAddress(location) else {
            throw .trouble("it sends browsers to no http or https address")
        }
        let memory = answer["memory"] ?? .null
        guard memory.serialized().count <= 16 << 10 else { throw .trouble("it wants more than 16 KiB kept") }
        return (location, memory)
    }

    func finish(_ visit: ProviderVisit, memory: JSON) async throws(ProviderRefusal) -> Voucher {
        var request = visit.members
        request["memory"] = memory
        return try await voucher(of: try await ask(\.finish, request))
    }

    /// What a provider says of one of whom it was asked.
    enum Standing: Sendable {
        case present(Voucher)
        /// Gone, disabled or unknown.
        case gone
        /// It cannot say, or what it says makes no sense.
        case unclear(String)
    }

    /// In the order of `people`. One of whom nothing can be said does not keep the others from being looked after.
    ///
    /// - Parameter people: `{"subject": …}` or `{"name": …}`, at most 1000.
    func lookUp(_ people: [JSON]) async throws(ProviderRefusal) -> [Standing] {
        guard let answers = try await ask(\.lookup, ["people": .array(people)])["people"]?.array,
            answers.count == people.count
        else { throw .trouble("it does not answer for as many people as it was asked for") }
        return answers.map { answer in
            guard !answer.isNull else { return .gone }
            guard answer.object?.isEmpty != true else { return .unclear("it cannot say at present") }
            do throws(Voucher.Problem) {
                return .present(try Voucher(answer))
            } catch {
                return .unclear(error.description)
            }
        }
    }

    /// Where a browser goes to sign out there, too.
    func end(
        _ place: ProviderPlace, subject: String, name: String, session: String?
    ) async throws(ProviderRefusal) -> String? {
        var request = place.members
        request["subject"] = .string(subject)
        request["name"] = .string(name)
        request["session"] = session.map(JSON.string) ?? .null
        let location = try await ask(\.end, request)["location"]?.string
        return location.flatMap { ProviderPlace.isAddress($0) ? $0 : nil }
    }

    /// Another page of the provider.
    func page(_ path: String, _ visit: ProviderVisit) async throws(ProviderRefusal) -> OutgoingResponse {
        var request = visit.members
        request["path"] = .string(path)
        let answer = try await ask(\.page, request)
        if let location = answer["location"]?.string, ProviderPlace.isAddress(location) {
            return .redirect(to: location)
        }
        return OutgoingResponse(
            status: answer["status"]?.integer.map { Int($0) } ?? 200,
            headers: [("content-type", answer["type"]?.string ?? "text/plain; charset=utf-8")],
            body: Array((answer["body"]?.string ?? "").utf8))
    }

    // MARK: Asking

    private typealias Start = @Sendable (PluginTables, xo_op) -> xo_status

    private func ask(
        _ function: KeyPath<PluginTables.Auth, PluginTables.Auth.Ask?> & Sendable, _ request: JSONObject
    ) async throws(ProviderRefusal) -> JSON {
        let text = SecretBytes(taking: JSON.object(request).serialized())
        return try await answer { tables, op in
            guard let ask = tables.auth?[keyPath: function] else { return .unsupported }
            return text.withView { ask(tables.data, op, $0) }
        }
    }

    private func voucher(_ start: @escaping Start) async throws(ProviderRefusal) -> Voucher {
        try await voucher(of: try await answer(start))
    }

    private func voucher(of json: JSON) async throws(ProviderRefusal) -> Voucher {
        do throws(Voucher.Problem) {
            return try Voucher(json)
        } catch {
            throw .trouble(error.description)
        }
    }

    /// Asks, and waits for the end, at most ``patience``.
    private func answer(_ start: @escaping Start) async throws(ProviderRefusal) -> JSON {
        let result: Result<JSON, ProviderRefusal> = await withCheckedContinuation { continuation in
            let instance = life.owner
            let services = instance.services
            let deadline = Operation.Deadline(at: Clock.now + Self.patience) { handle in
                let reason = "it did not answer within 30 s"
                guard services.operations.end(handle, of: instance, .abandoned(.deadline, reason)) else { return }
                life.callInLane { tables in tables.cancel?(tables.data, xo_op(id: handle)) }
            }
            let operation = services.operations.begin(
                instance, deadline: deadline, .function { continuation.resume(returning: Self.result($0)) })
            guard let operation else {
                continuation.resume(returning: .failure(.trouble("too much is under way")))
                return
            }
            life.call { tables in
                let status = start(tables, operation.cHandle)
                if status != .accepted { instance.complete(operation.handle, status, .init(start: nil, count: 0)) }
            } ifClosed: {
                services.operations.end(operation.handle, of: instance, .abandoned(.unavailable, "it has stopped"))
            }
        }
        return try result.get()
    }

    private static func result(_ ended: Operation.Outcome) -> Result<JSON, ProviderRefusal> {
        switch ended {
        case .completed(let status, let payload) where status >= 0:
            guard !payload.isEmpty else { return .success([:]) }
            guard let json = try? JSON(parsing: payload) else {
                return .failure(.trouble("it answers with a text that is not JSON"))
            }
            return .success(json)
        case .completed(let status, let payload):
            let message = (try? JSON(parsing: payload))?["message"]?.string ?? StatusText.of(status)
            return .failure(refusal(status, message))
        case .responded: return .failure(.trouble("it answers the wrong kind of question"))
        case .abandoned(_, let reason): return .failure(.trouble(reason))
        }
    }

    private static func refusal(_ status: xo_status, _ message: String) -> ProviderRefusal {
        switch status {
        case .unauthenticated: .denied(message)
        case .notFound: .notMine
        default: .trouble(message)
        }
    }
}

/// Where the host and a provider's pages are, for people's browsers.
struct ProviderPlace: Sendable {
    /// Without a slash at its end.
    let base: String
    let callback: String

    init(base: String, provider: String) {
        self.base = base
        callback = "\(base)/signin/\(provider)/callback"
    }

    fileprivate var members: JSONObject { ["base": .string(base), "callback": .string(callback)] }

    /// Whether a browser may be sent there: scripts and files are no addresses.
    static func isAddress(_ text: String) -> Bool {
        (text.hasPrefix("https://") || text.hasPrefix("http://")) && text.utf8.count <= 64 << 10
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }
}

/// A request of a browser for a provider.
struct ProviderVisit: Sendable {
    let place: ProviderPlace
    let request: IncomingRequest
    /// Of the query, and of the form in the body.
    let parameters: [(name: String, value: String)]

    /// `nil` if the query or the form is malformed.
    init?(_ request: IncomingRequest, at place: ProviderPlace) {
        guard let query = request.queryParameters else { return nil }
        var form: [(name: String, value: String)] = []
        if request.method == "POST" {
            guard let fields = request.form else { return nil }
            form = fields
        }
        self.place = place
        self.request = request
        parameters = query + form
    }

    /// The value of a parameter that is there once.
    func only(_ name: String) -> String? {
        let values = parameters.filter { $0.name == name }
        return values.count == 1 ? values[0].value : nil
    }

    fileprivate var members: JSONObject {
        var members = place.members
        members["method"] = .string(request.method)
        members["query"] = .string(request.query)
        members["parameters"] = .object(
            JSONObject(
                Dictionary(grouping: parameters, by: \.name).map { ($0.key, JSON($0.value.map(\.value))) }
                    .sorted { $0.0 < $1.0 }, uniquingKeysWith: { first, _ in first }))
        return members
    }
}
