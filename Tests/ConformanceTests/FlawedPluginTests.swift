import TestSupport
import Testing
import XOJSON

/// Each test of the suite can fail: a plugin with one flaw fails the test that is about it, and no other.
@Suite(.serialized) struct FlawedPluginTests {
    @Test(arguments: FlawedPlugin.quick.prefix(FlawedPlugin.quick.count / 2))
    func isFoundOut(_ plugin: FlawedPlugin) async throws { try await check(plugin) }

    /// Files that are no libraries fail as such, and nothing else is said of them.
    @Test(arguments: ["not-elf", "truncated", "empty"])
    func filesThatAreNoLibraries(_ name: String) async throws {
        let checked = try await CheckedPlugin(BuildProducts.fixture(name))
        #expect(checked.failed == ["binary/loads"], "\(checked.reasons)")
        #expect(!checked.tests.contains { $0.verdict == "passed" })
    }

    /// A test that no flawed plugin fails would pass whatever happens.
    @Test func everyTestHasItsFlaw() async throws {
        let outcome = try await Program.run(
            BuildProducts.executable("xo-plugin"), ["check", "--list", "--json"])
        let tests = try #require(JSON(parsing: outcome.output).array)
        let ids = tests.map { "\($0["group"]?.string ?? "")/\($0["name"]?.string ?? "")" }
        #expect(Set(ids) == FlawedPlugin.all.reduce(into: []) { $0.formUnion($1.failing) })
    }
}

/// The same for the others of them, at the same time.
@Suite(.serialized) struct OtherFlawedPluginTests {
    @Test(arguments: FlawedPlugin.quick.dropFirst(FlawedPlugin.quick.count / 2))
    func isFoundOut(_ plugin: FlawedPlugin) async throws { try await check(plugin) }
}

/// The same for those that show what they are only under the daemon.
@Suite(.serialized) struct PlacedFlawedPluginTests {
    @Test(arguments: FlawedPlugin.underDaemon)
    func isFoundOut(_ plugin: FlawedPlugin) async throws { try await check(plugin) }
}

/// The same for plugins that have somebody wait, in which there is nothing to do meanwhile: all at once.
@Suite struct SlowFlawedPluginTests {
    @Test(arguments: FlawedPlugin.slow)
    func isFoundOut(_ plugin: FlawedPlugin) async throws { try await check(plugin) }
}

private func check(_ plugin: FlawedPlugin) async throws {
    let checked = try await CheckedPlugin(BuildProducts.fixture("conformance/\(plugin.name)"), plugin.options)
    #expect(Set(checked.failed) == plugin.failing, "\(checked.reasons)")
    #expect(checked.tests.contains { plugin.failing.contains($0.id) && $0.seen.contains(plugin.saying) })
    #expect(checked.status == 1)
    for test in checked.tests where test.verdict == "failed" {
        #expect(test.seen.hasSuffix(".") || test.seen.hasSuffix(")"), "no sentence: \(test.seen)")
    }
}
