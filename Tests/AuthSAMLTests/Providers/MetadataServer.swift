import Foundation
import TestSupport

/// A server of metadata over TLS, and of things that are none.
final class MetadataServer: Sendable {
    let base: String
    /// Of the server, which vouches for itself.
    let certificate: String
    var url: String { base + "/metadata" }

    private let folder: TemporaryFolder
    private let program: Program

    init() async throws {
        folder = try TemporaryFolder()
        let made = try await Program.run(
            URL(filePath: "/usr/bin/openssl"),
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder.path("key.pem"), "-out",
                folder.path("certificate.pem"),
            ])
        guard made.status == 0 else { throw ProviderHost.Failure(description: made.errors) }
        certificate = try folder.read("certificate.pem")
        try folder.write("server.py", Self.script)
        program = try Program(URL(filePath: "/usr/bin/python3"), [folder.path("server.py"), folder.path])
        guard let line = await program.output.firstLine(where: { $0.hasPrefix("port ") }) else {
            throw ProviderHost.Failure(description: await program.errors.all())
        }
        base = "https://127.0.0.1:" + line.dropFirst("port ".count)
    }

    /// What there is from now on.
    func serve(_ metadata: String) throws { try folder.write("metadata.xml", metadata) }

    /// It has nothing to lose, and inherits from the tests' threads that other signals are blocked.
    func stop() async {
        program.send(SIGKILL)
        _ = await program.exitStatus()
    }

    private static let script = """
        import http.server, ssl, sys
        folder = sys.argv[1]

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                good = open(folder + "/metadata.xml", "rb").read()
                redirects = {"/plain": "http://127.0.0.1:1/", "/loop": "/loop", "/moved": "/metadata"}
                if self.path in redirects:
                    self.send_response(302)
                    self.send_header("Location", redirects[self.path])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                bodies = {"/metadata": good, "/broken": good[:100], "/big": good + b" " * 3000000}
                body = bodies.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder + "/certificate.pem", folder + "/key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print("port", server.server_address[1], flush=True)
        server.serve_forever()
        """
}
