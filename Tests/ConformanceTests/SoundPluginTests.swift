import TestSupport
import Testing

/// Our own plugins and examples keep the contract.
@Suite(.serialized) struct SoundPluginTests {
    @Test(arguments: ["hello-c", "conformance/sound", "conformance/noisy"])
    func pluginsInC(_ name: String) async throws {
        for seed in ["1", "2"] {
            let checked = try await CheckedPlugin(BuildProducts.fixture(name), ["--seed", seed])
            #expect(checked.failed == [], "\(checked.reasons)")
            #expect(checked.status == 0)
        }
    }

    @Test func exampleInSwift() async throws {
        try await checkSwift(BuildProducts.swiftExample())
    }

    @Test(arguments: ["WebTransport", "XAPI", "DemoPool"])
    func pluginsOfThisPackage(_ name: String) async throws {
        let folder = try TemporaryFolder()
        // The ports that their defaults name may be taken, and two instances cannot have the same.
        let configuration = try folder.write(
            "configuration.json", name == "WebTransport" ? #"{"listen": [{"port": 0}]}"# : "{}")
        try await checkSwift(BuildProducts.plugin(name), "--configuration", configuration)
    }

    private func checkSwift(_ path: String, _ options: String...) async throws {
        for seed in ["1", "2"] {
            let checked = try await CheckedPlugin(path, options + ["--seed", seed])
            let late = "life-cycle/silent-after-abandoned-start"
            withKnownIssue("The SDK's tasks outlive destroy if start was under way.", isIntermittent: true) {
                #expect(!checked.failed.contains(late))
            }
            #expect(checked.failed.filter { $0 != late } == [], "\(checked.reasons)")
            #expect(checked.tests.contains { $0.verdict == "passed" })
        }
    }
}
