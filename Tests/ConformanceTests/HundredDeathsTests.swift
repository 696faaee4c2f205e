import TestSupport
import Testing

/// The plugins of the tree and the examples come through a hundred deaths of their processes, each with calls or
/// connections under way: whoever called is answered once, and whoever comes later is served.
@Suite struct HundredDeathsTests {
    @Test func exampleInC() async throws {
        try await check(BuildProducts.fixture("hello-c"), "crash/answered", lots: 1)
    }

    @Test func exampleInSwift() async throws {
        try await check(BuildProducts.swiftExample(), "crash/answered")
    }

    @Test func pools() async throws {
        try await check(BuildProducts.plugin("XAPI"), "crash/answered")
    }

    /// It offers no methods: what it has under way is its pool.
    @Test func demonstrationPool() async throws {
        let folder = try TemporaryFolder()
        let configuration = try folder.write("configuration.json", #"{"hosts": 1, "virtualMachines": 2}"#)
        try await check(
            BuildProducts.plugin("DemoPool"), "crash/comes-back", "--with", BuildProducts.plugin("XAPI"),
            "--configuration", configuration)
    }

    /// It carries calls itself: what is under way are connections to it. The port without TLS is to stay without.
    @Test func transport() async throws {
        let folder = try TemporaryFolder()
        let configuration = try folder.write(
            "configuration.json", #"{"listen": [{"port": 0}, {"port": 0, "tls": {"selfSigned": true}}]}"#)
        try await check(
            BuildProducts.plugin("WebTransport"), "crash/connections", "--configuration", configuration)
    }

    /// Dies a hundred times: all under one daemon, or in lots, each of which has the time that a program may take.
    private func check(_ path: String, _ test: String, _ options: String..., lots: Int = 4) async throws {
        for seed in 1...lots {
            let checked = try await CheckedPlugin(
                path, ["--only", test, "--kills", "\(100 / lots)", "--seed", "\(seed)", "--timeout", "110"] + options)
            #expect(checked.tests.map(\.verdict) == ["passed"], "\(checked.tests.map(\.seen))")
        }
    }
}
