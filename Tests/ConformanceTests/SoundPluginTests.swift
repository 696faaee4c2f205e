import TestSupport
import Testing

/// Our own plugins and examples keep the contract.
@Suite(.serialized) struct SoundPluginTests {
    @Test(arguments: ["hello-c", "conformance/sound", "conformance/noisy"])
    func pluginsInC(_ name: String) async throws {
        try await check(BuildProducts.fixture(name))
    }

    @Test func exampleInSwift() async throws {
        try await check(BuildProducts.swiftExample())
    }

    @Test(arguments: ["WebTransport", "XAPI", "DemoPool"])
    func pluginsOfThisPackage(_ name: String) async throws {
        let folder = try TemporaryFolder()
        // The ports that their defaults name may be taken, and two instances cannot have the same.
        let configuration = try folder.write(
            "configuration.json", name == "WebTransport" ? #"{"listen": [{"port": 0}]}"# : "{}")
        try await check(BuildProducts.plugin(name), "--configuration", configuration)
    }

    private func check(_ path: String, _ options: String...) async throws {
        for seed in ["1", "2"] {
            let checked = try await CheckedPlugin(path, options + ["--seed", seed])
            #expect(checked.failed == [], "\(checked.reasons)")
            #expect(checked.status == 0)
        }
    }
}
