import Foundation
import TestSupport
import Testing
import XOJSON

/// The configuration in docs/auth-saml.md is one that runs.
@Suite struct DocumentationTests {
    private static let guide = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../docs/auth-saml.md")

    /// What stands between the first two fences of JSON.
    private func example() throws -> JSON {
        let parts = try String(contentsOf: Self.guide, encoding: .utf8).components(separatedBy: "```json\n")
        return try JSON(parsing: try #require(parts.dropFirst().first?.components(separatedBy: "```").first))
    }

    /// With nothing changed but where the file is.
    @Test func theFirstConfigurationRuns() async throws {
        let example = try example()
        let folder = try TemporaryFolder()
        let metadata = try folder.write("idp.xml", MetadataTests.metadata(MetadataTests.both))
        var plugin = try #require(example["plugins"]?[0]?.object)
        var configuration = try #require(plugin["configuration"]?.object)
        #expect(configuration["idp"] == ["metadataFile": "/etc/xo-host/idp-metadata.xml"])
        configuration["idp"] = ["metadataFile": .string(metadata)]
        plugin["configuration"] = .object(configuration)
        plugin["library"] = .string(try BuildProducts.plugin("AuthSAML"))
        let settings = try #require(example["host"]?.object)
        try await withHost([.web(), .object(plugin)], host: settings) { host in
            let entry = try await host.plugin("saml")
            #expect(entry["state"] == "running", "\(entry["error"] ?? .null)")
            let page = try await Browser(host).get("/signin/saml")
            #expect(page.header("location")?.hasPrefix("https://idp.example.test/sso?tenant=1&SAMLRequest=") == true)
            let own = try await Browser(host).get("/signin/saml/metadata")
            #expect(own.body.contains("entityID=\"https://xo.example.org/signin/saml/metadata\""))
            #expect(own.body.contains("Location=\"https://xo.example.org/signin/saml/callback\""))
        }
    }

    /// Every key that the plugin takes is explained, and nothing else is.
    @Test func theGuideNamesEveryKey() async throws {
        let guide = try String(contentsOf: Self.guide, encoding: .utf8)
        let service = try ProviderHost(BuildProducts.plugin("AuthSAML"))
        let schema = try service.configurationSchema
        let keys =
            Array((schema["properties"]?.object ?? [:]).keys)
            + Array((schema["properties"]?["idp"]?["properties"]?.object ?? [:]).keys)
        #expect(keys.count > 30)
        for key in keys { #expect(guide.contains("`\(key)`") || guide.contains("\"\(key)\""), "\(key)") }
    }
}
