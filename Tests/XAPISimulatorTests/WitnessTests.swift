import Foundation
import Testing
import XAPISimulator

/// The official Python client as a witness.
@Suite struct WitnessTests {
    @Test(arguments: [false, true])
    func theOfficialClientWorks(tls: Bool) async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let python = root.appending(path: ".build/venv/bin/python").path
        try #require(
            FileManager.default.isExecutableFile(atPath: python),
            """
            The official XenServer client is not installed. Make it available by: \
            python3 -m venv .build/venv && .build/venv/bin/pip install XenAPI
            """)
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "witness.py").path
        try await withServer(.init(tls: tls, operationDuration: .milliseconds(20))) { pool in
            let (status, output) = try await Program.run(python, [script, pool.url, "root", "password"])
            #expect(status == 0, "\(output)")
            #expect(output.hasSuffix("all is well\n"), "\(output)")
        }
    }

    @Test func theProgramSaysWhereItListensAndEndsOnASignal() async throws {
        let program = Program.directory.appending(path: "xapi-sim").path
        let process = try Program.start(program, ["--port", "0", "--vms", "3", "--hosts", "1", "--password", "secret"])
        let line = try #require(await process.firstLine())
        let match = try #require(
            line.wholeMatch(of: /Simulated pool at http:\/\/127\.0\.0\.1:([0-9]+), user root, password secret/))
        let port = try #require(Int(match.1))
        _ = try await PoolClient.call(port, "session.login_with_password", ["root", "secret"])
        process.terminate()
        #expect(await process.status() == 0)
    }

    @Test func theProgramExplainsWrongOptions() async throws {
        let program = Program.directory.appending(path: "xapi-sim").path
        let (status, output) = try await Program.run(program, ["--port", "70000"])
        #expect(status == 64)
        #expect(output.contains("--port is 70000; expected a number from 0 to 65535."))
    }
}
