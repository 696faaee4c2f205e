import Foundation
import TestSupport
import Testing
import XOClient
import XOJSON

/// The plugin in the real daemon.
@Suite struct DaemonTests {
    private static let configuration: JSON = ["idp": Service.configuration["idp"] ?? [:]]

    @Test(arguments: ["host", "process"]) func itRunsInBothPlacements(_ placement: String) async throws {
        let plugin = JSON.plugin(
            "saml", try BuildProducts.plugin("AuthSAML"), Self.configuration, ["isolation": .string(placement)])
        try await withHost([.web(), plugin]) { host in
            let entry = try await host.plugin("saml")
            #expect(entry["state"] == "running", "\(entry["error"] ?? .null)")
            #expect(host.strayLines == [])
        }
    }

    /// The loader finds no libxmlsec1: that is this plugin's trouble and nobody else's.
    @Test(arguments: ["host", "process"]) func withoutTheLibraryOnlyThisPluginIsLost(_ placement: String) async throws {
        let folder = try TemporaryFolder()
        var library = try Data(contentsOf: URL(filePath: BuildProducts.plugin("AuthSAML")))
        let needed = try #require(library.range(of: Data("libxmlsec1.so.1\0".utf8)))
        library.replaceSubrange(needed, with: Data("libxmlsec9.so.9\0".utf8))
        try library.write(to: folder.url.appending(path: "saml.so"))
        let plugin = JSON.plugin(
            "saml", folder.path("saml.so"), Self.configuration, ["isolation": .string(placement)])
        try await withHost([.web(), plugin]) { host in
            let entry = try await host.plugin("saml")
            #expect(entry["state"] == "failed")
            #expect(entry["error"]?.description.contains("libxmlsec9.so.9") == true, "\(entry)")
            #expect(try await host.plugin("web")["state"] == "running")
        }
    }

    /// What was stored below the file is shown as secret: keys are not handed out.
    @Test func keysAreNotShown() async throws {
        var configuration = Service.configuration
        configuration["signRequests"] = [
            "secretKey": .string(Identity.service.key.pemRepresentation),
            "certificate": .string(Identity.service.certificate),
        ]
        let plugin = JSON.plugin("saml", try BuildProducts.plugin("AuthSAML"), .object(configuration))
        try await withHost([.web(), plugin]) { host in
            let entry = try await host.plugin("saml")
            #expect(entry["state"] == "running", "\(entry["error"] ?? .null)")
            #expect(!entry.description.contains("PRIVATE KEY"))
            #expect(!host.log.contains { $0.description.contains("PRIVATE KEY") })
        }
    }

    /// `plugin.test` tells the administrator what the plugin knows of the provider, and what providers need to know.
    @Test func anAdministratorCanTryItOut() async throws {
        let good = JSON.plugin("saml", try BuildProducts.plugin("AuthSAML"), Self.configuration)
        let bad = JSON.plugin(
            "other", try BuildProducts.plugin("AuthSAML"), ["idp": ["metadataFile": "/nonexistent/idp.xml"]])
        try await withHost([.web(), good, bad]) { host in
            let client = try await host.connect()
            let steps = try await client.call("plugin.test", params: ["id": "saml"]).array ?? []
            #expect(steps.map { $0["ok"] } == [true, true, true], "\(steps)")
            #expect(steps.contains { $0["detail"]?.string?.contains(Names.provider) == true })
            let failed = try await client.call("plugin.test", params: ["id": "other"]).array ?? []
            #expect(failed.map { $0["ok"] } == [false])
            #expect(failed.first?["detail"]?.string?.contains("/nonexistent/idp.xml") == true, "\(failed)")
        }
    }
}
