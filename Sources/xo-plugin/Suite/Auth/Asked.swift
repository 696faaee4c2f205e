import CXOPlugin
import XOJSON

/// A question as a host asks it, and what its answer has to be like.
struct Asked {
    let name: String
    let ask: () throws -> xo_op?
    private let check: (JSON) -> String?

    private static let base = "https://xo.example.org"
    private static let callback = "\(base)/signin/github/callback"
    private static let people: JSON = [["subject": "1001"], ["name": "nobody"], ["subject": "nobody"]]
    /// Bytes that the host keeps for `finish`.
    private static let longestMemory = 16 << 10

    /// A question of each kind; for credentials also those of somebody who is known.
    ///
    /// - Parameter signIn: `NAME:SECRET`.
    static func allQuestions(_ instance: PluginInstance, signIn: String?) -> [Asked] {
        var credentials = [SampleCredentials(name: "nobody", secret: "nothing")]
        if let someone = signIn?.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false) {
            credentials.append(SampleCredentials(name: String(someone[0]), secret: String(someone[1])))
        }
        return credentials.map { credentials in
            Asked(
                name: "authenticate", ask: { try instance.authenticate(credentials) }, check: Voucher.problem)
        }
            + AuthQuestion.allCases.map { question in
                Asked(
                    name: question.rawValue, ask: { try instance.ask(question, request(question)) },
                    check: { problem(of: $0, to: question) })
            }
    }

    /// What is wrong with the answer; `nil`: nothing, or it is a refusal.
    func problem(of outcome: Operations.Outcome) -> String? {
        guard outcome.isSuccess else { return nil }
        guard !outcome.payload.isEmpty else { return name == "end" ? nil : "nothing" }
        // That it is JSON at all is a matter of another test.
        return (try? JSON(parsing: outcome.payload)).flatMap(check)
    }

    /// A question that a browser's visit would lead to.
    static func request(_ question: AuthQuestion) -> JSON {
        let place: JSONObject = ["base": .string(base), "callback": .string(callback)]
        let more: JSONObject =
            switch question {
            case .begin: ["key": "0123456789abcdefghijkl"]
            case .finish:
                [
                    "method": "GET", "parameters": ["state": ["0123456789abcdefghijkl"], "code": ["c0de"]],
                    "memory": nil,
                ]
            case .lookup: ["people": people]
            case .end: ["subject": "1001", "name": "alice", "session": "s1"]
            case .page: ["path": "metadata", "method": "GET", "query": "a=1&b", "parameters": ["a": ["1"], "b": [""]]]
            }
        return .object(place.merging(more, uniquingKeysWith: { $1 }))
    }

    private static func problem(of answer: JSON, to question: AuthQuestion) -> String? {
        switch question {
        case .finish: return Voucher.problem(of: answer)
        case .begin:
            guard (answer["memory"] ?? .null).serialized().count <= longestMemory else {
                return "a `memory` of more than 16 KiB"
            }
            return isAddress(answer["location"]) ? nil : "no `location` that begins with https:// or http://"
        case .end:
            return answer["location"] == nil || isAddress(answer["location"])
                ? nil : "a `location` that does not begin with https:// or http://"
        case .lookup:
            guard let found = answer["people"]?.array, found.count == people.array?.count else {
                return "something else than `people`, as many as were asked for"
            }
            // Gone is null; an empty object says that nothing can be said now.
            return found.lazy.filter { !$0.isNull && $0 != [:] }.compactMap(Voucher.problem).first
        case .page:
            if answer["location"] != nil {
                return isAddress(answer["location"]) ? nil : "a `location` that is no address"
            }
            guard answer["body"]?.string != nil, answer["type"]?.string != nil else { return "no `type` and `body`" }
            let status = answer["status"]?.integer
            return status == nil || (200...599).contains(status ?? 0) ? nil : "a `status` that is none of 200 to 599"
        }
    }

    private static func isAddress(_ json: JSON?) -> Bool {
        json?.string.map { $0.hasPrefix("https://") || $0.hasPrefix("http://") } ?? false
    }
}
