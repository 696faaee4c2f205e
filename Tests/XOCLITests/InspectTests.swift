import Foundation
import Testing
import XOJSON

/// Node's own output for many values is in `Fixtures/inspect.json`; `inspect.mjs` beside it tells how it came there.
@Suite struct InspectTests {
    struct Case: Sendable {
        let value: JSON
        let plain: String
        let coloured: String?

        static func all() throws -> [Case] {
            let file = try #require(Bundle.module.url(forResource: "inspect", withExtension: "json"))
            let table = try JSON(parsing: [UInt8](Data(contentsOf: file)))
            return try (table.array ?? []).map { entry in
                Case(
                    value: try JSON(parsing: try #require(entry["json"]?.string)),
                    plain: try #require(entry["plain"]?.string), coloured: entry["coloured"]?.string)
            }
        }
    }

    @Test func valuesLookAsInNode() async throws {
        let cases = try Case.all()
        let shown = try await show(cases.map(\.value), on: nil)
        try #require(shown.count == cases.count)
        for (shown, expected) in zip(shown, cases) { #expect(shown == expected.plain) }
    }

    @Test func coloursAreThoseOfNode() async throws {
        let cases = try Case.all().filter { $0.coloured != nil }
        let shown = try await show(cases.map(\.value), on: Terminal())
        try #require(shown.count == cases.count)
        for (shown, expected) in zip(shown, cases) { #expect(shown == expected.coloured) }
    }

    /// Lets `watch` print all the values in one run.
    private func show(_ values: [JSON], on terminal: Terminal?) async throws -> [String] {
        let marker = "~~case~~"
        var text = ""
        try await ScriptedServer.run(methods: [
            "session.signIn": { call in
                call.reply(["email": "alice@example.net"])
                for value in values { call.connection.notify(marker, value) }
                call.connection.close(code: 1000, reason: "")
            }
        ]) { server in
            let tool = try CommandLineTool(server: server)
            let running = try tool.start(["watch"], terminal: terminal, on: terminal == nil ? [] : [1])
            running.closeInput()
            text = await running.finish().output
        }
        return text.components(separatedBy: "\(marker) ").dropFirst().map { String($0.dropLast(2)) }
    }
}
