import TestSupport
import XOJSON

/// What `xo-plugin check --json` says of a plugin.
struct CheckedPlugin {
    struct Test {
        let id: String
        let verdict: String
        let seen: String
    }

    /// The exit status.
    let status: Int32
    let tests: [Test]
    let report: JSON

    var failed: [String] { tests.filter { $0.verdict == "failed" }.map(\.id) }

    /// What was seen by those that failed, for a test's own message.
    var reasons: String {
        tests.filter { $0.verdict == "failed" }.map { "\($0.id): \($0.seen)" }.joined(separator: "\n")
    }

    init(_ path: String, _ options: [String] = []) async throws {
        let outcome = try await Program.run(
            BuildProducts.executable("xo-plugin"), ["check", "--json", path] + options)
        status = outcome.status
        do {
            report = try JSON(parsing: outcome.output)
        } catch {
            throw NoReport(description: "exit status \(status): \(outcome.output)\(outcome.errors)")
        }
        tests = (report["tests"]?.array ?? []).map { test in
            Test(
                id: "\(test["group"]?.string ?? "")/\(test["name"]?.string ?? "")",
                verdict: test["verdict"]?.string ?? "", seen: test["seen"]?.string ?? "")
        }
    }

    struct NoReport: Error, CustomStringConvertible {
        let description: String
    }
}
