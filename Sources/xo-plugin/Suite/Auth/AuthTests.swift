import CXOPlugin
import XOJSON

/// Plugins that vouch for people.
let authTests: [ConformanceTest] = [
    ConformanceTest(
        .auth, "offer",
        rule:
            "An offer has a label and at least one of password, token and redirect, and the functions for it are there.",
        remedy: "offer what is implemented; xo/auth.h has the members.", judges: [.badOffer]
    ) { context in
        let instance = try context.runningInstance()
        let offer = try instance.offer()
        let functions = try instance.ready().auth
        if offer.takesPasswords || offer.takesTokens {
            try require(
                functions.authenticate != nil, "It offers to check passwords or tokens, but authenticate is NULL.")
        }
        if offer.redirectKey != nil {
            for question in [AuthQuestion.begin, .finish] {
                try require(
                    functions.questions[question] != nil,
                    "It offers to send browsers elsewhere, but \(question.rawValue) is NULL.")
            }
        }
        try instance.end()
    },
    ConformanceTest(
        .auth, "questions", rule: "Every question that was accepted is completed, once.",
        remedy: "complete each question on every path, and on one only.", judges: [.completedTwice, .neverCompleted]
    ) { context in
        let instance = try context.provider()
        var ops: [xo_op] = []
        for _ in 0..<3 { ops += try askEverything(instance) }
        try instance.settle(ops)
        try instance.end()
    },
    ConformanceTest(
        .auth, "vouchers",
        rule:
            "A voucher has a subject of 1 to 256 bytes and a name; begin answers with a location, lookup with as many as "
            + "were asked for.",
        remedy: "give the answer the members that xo/auth.h names; where there is nobody to vouch for, refuse.",
        judges: [.badVoucher]
    ) { context in
        let instance = try context.provider()
        for question in Asked.allQuestions(instance, signIn: context.settings.signIn) {
            guard let op = try question.ask() else { continue }
            try instance.settle([op], note: false)
            guard let outcome = instance.host.operations.outcome(of: op, patience: 0) else { continue }
            if let problem = question.problem(of: outcome) {
                throw Breach(.badVoucher, "It answers \(question.name) with \(problem).")
            }
        }
        try instance.end()
    },
    ConformanceTest(
        .auth, "vouches",
        rule: "Who proves who they are gets a voucher, each time for the same subject; a wrong password gets none.",
        remedy: "let the password that was given with --sign-in pass, and no other."
    ) { context in
        guard let signIn = context.settings.signIn else { throw NotApplicable("nobody is named with --sign-in") }
        let instance = try context.provider()
        let someone = signIn.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        func subject(_ secret: String) throws -> String? {
            guard let op = try instance.authenticate(SampleCredentials(name: someone[0], secret: secret)) else {
                return nil
            }
            try instance.settle([op])
            guard let outcome = instance.host.operations.outcome(of: op, patience: 0), outcome.isSuccess else {
                return nil
            }
            return (try? JSON(parsing: outcome.payload))?["subject"]?.string
        }
        let first = try subject(someone[1])
        try require(first != nil, "It does not vouch for \(someone[0]), who comes with the right password.")
        try require(
            try subject(someone[1]) == first, "It vouches for \(someone[0]) with another subject the second time.")
        for wrong in [someone[1] + "x", String(someone[1].dropLast()), someone[1].uppercased() + " ", "x"]
        where !wrong.isEmpty {
            try require(try subject(wrong) == nil, "It vouches for \(someone[0]), who comes with a wrong password.")
        }
        try instance.end()
    },
    ConformanceTest(
        .auth, "hostile-credentials",
        rule:
            "Whatever is typed as name and password, the plugin goes on, completes the question once, and vouches for "
            + "nobody.",
        remedy: "check lengths and bytes before they are used, and refuse what cannot be right.",
        judges: [.completedTwice, .neverCompleted]
    ) { context in
        let instance = try context.provider()
        guard try instance.ready().auth.authenticate != nil else { throw NotApplicable("it takes no credentials") }
        var ops: [xo_op] = []
        for kind in [UInt32(XO_CREDENTIALS_PASSWORD), UInt32(XO_CREDENTIALS_TOKEN), 99] {
            for name in hostileNames {
                for secret in hostileSecrets {
                    var credentials = SampleCredentials(name: name, secret: secret)
                    credentials.kind = kind
                    if let op = try instance.authenticate(credentials) { ops.append(op) }
                }
            }
        }
        for (_, view) in lies {
            let asText = xo_str(
                ptr: view.ptr.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }, len: view.len)
            for lie in [(asText, xo_bytes()), (xo_str(), view), (asText, view)] {
                if let op = try instance.authenticate(views: { _ in lie }) { ops.append(op) }
            }
        }
        try instance.settle(ops)
        let vouched = ops.contains { instance.host.operations.outcome(of: $0, patience: 0)?.isSuccess == true }
        try require(!vouched, "It vouches for somebody whose name and password are nonsense.")
        try context.expecting("After credentials that are nonsense") { try instance.end() }
        try failOnLoss(instance)
    },
    ConformanceTest(
        .auth, "hostile-requests",
        rule: "Whatever a question says, the plugin goes on and completes it once.",
        remedy: "check views and members before they are used, and answer with XO_INVALID_ARGUMENT.",
        judges: [.completedTwice, .neverCompleted]
    ) { context in
        let instance = try context.provider()
        var ops: [xo_op?] = []
        for question in AuthQuestion.allCases {
            for (_, view) in lies { ops.append(try instance.ask(question) { _ in view }) }
            for text in brokenTexts + strangeTexts { ops.append(try instance.ask(question) { $0.bytes(text) }) }
            let usual = Asked.request(question)
            let names = usual.object.map { Array($0.keys) } ?? []
            for _ in 0..<20 {
                ops.append(try instance.ask(question, Sampler.object(&context.random, names: names)))
            }
            // Each member in turn is of a type that it never has.
            for name in names {
                for value in [nil, true, -1, "", [], [:], [[nil]], ["state": [1]]] as [JSON] {
                    var request = usual.object ?? [:]
                    request[name] = value
                    ops.append(try instance.ask(question, .object(request)))
                }
            }
        }
        try instance.settle(ops.compactMap { $0 })
        try context.expecting("After questions that are nonsense") { try instance.end() }
        try failOnLoss(instance)
    },
    ConformanceTest(
        .auth, "cancelled", rule: "A question whose answer is no longer wanted is still completed, once.",
        remedy: "let whoever comes second, the answer or the cancellation, find that it is done.",
        judges: [.completedTwice, .neverCompleted]
    ) { context in
        let instance = try context.provider()
        var ops: [xo_op] = []
        for _ in 0..<5 {
            let asked = try askEverything(instance)
            for op in asked { try instance.cancel(op) }
            ops += asked
        }
        try instance.settle(ops)
        try instance.end()
    },
    ConformanceTest(
        .auth, "stop-with-questions-under-way",
        rule: "stop finishes or abandons what is under way; no question is completed twice for it.",
        remedy: "either complete a question before stop does, or forget it."
    ) { context in
        let instance = try context.provider()
        for _ in 0..<10 { _ = try askEverything(instance) }
        try context.expecting("With questions under way") { try instance.end() }
        if let twice = instance.host.journal.breaches.first(where: { $0.kind == .completedTwice }) {
            throw Breach(.finding, twice.seen)
        }
    },
    ConformanceTest(
        .auth, "borrowed", rule: "Credentials and questions are lent until the function returns, and then wiped.",
        remedy:
            "copy what is kept, and wipe the copy. (The memory of this test cannot be read any more after the call.)"
    ) { context in
        var plan = HostPlan()
        plan.loans = .guarded
        let instance = try context.provider(plan)
        let ops = try askEverything(instance, signIn: context.settings.signIn)
        try instance.settle(ops, note: false)
        try instance.end()
    },
    ConformanceTest(
        .auth, "secrets", rule: "No password stands in a log or in a message.",
        remedy: "say what was wrong, and with whose name, but not what was typed.", judges: [.secretTold]
    ) { context in
        let instance = try context.provider()
        guard try instance.ready().auth.authenticate != nil else { throw NotApplicable("it takes no credentials") }
        let secret = "correct-horse-\(context.settings.seed)-battery"
        instance.host.secrets.withLock { $0.append(secret) }
        let names = ["nobody", "", context.settings.signIn?.split(separator: ":").first.map(String.init) ?? "root"]
        let ops = try names.compactMap { try instance.authenticate(SampleCredentials(name: $0, secret: secret)) }
        try instance.settle(ops, note: false)
        try instance.end()
    },
]

/// Names that people cannot have, and some that they might.
private let hostileNames: [[UInt8]] = [
    [], [0], Array("a\0b".utf8), [0xFF, 0xFE], [0xE2, 0x82], Array(String(repeating: "a", count: 255).utf8),
    [UInt8](repeating: 0x61, count: 1 << 20), Array("*)(uid=*".utf8), Array("../../etc/passwd".utf8),
    Array("\u{202E}root".utf8), Array("a:b\nc".utf8), Array("' OR 1=1 --".utf8),
]

private let hostileSecrets: [[UInt8]] = [
    [], [0], Array("a\0b".utf8), [0xFF], [UInt8](repeating: 0x78, count: 4096),
    [UInt8](repeating: 0x78, count: 1 << 16),
]

extension TestContext {
    /// A running instance of a provider.
    fileprivate func provider(_ plan: HostPlan = HostPlan()) throws -> PluginInstance {
        let instance = try runningInstance(plan)
        _ = try instance.offer()
        return instance
    }
}

/// Asks each question once that the plugin has a function for.
private func askEverything(_ instance: PluginInstance, signIn: String? = nil) throws -> [xo_op] {
    try Asked.allQuestions(instance, signIn: signIn).compactMap { try $0.ask() }
}
