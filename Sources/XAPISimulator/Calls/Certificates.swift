import XOJSON

extension Toolstack {
    /// Makes the record of the certificate that a host shows its clients.
    func addCertificate(of host: Row, from started: Int) throws(XAPIFailure) {
        let fingerprint = JSON.string(agent(of: host)?.door.certificate?.fingerprint ?? "")
        _ = try create(
            "Certificate",
            [
                "type": "host", "host": .string(host.reference),
                "not_before": .string(Timestamp.text(started)),
                "not_after": .string(Timestamp.text(started + 3650 * 86_400)),
                "fingerprint": fingerprint, "fingerprint_sha256": fingerprint,
            ])
    }

    /// Gives the hosts behind a door another certificate.
    func replaceCertificate(of door: HTTPServer) throws {
        guard door.certificate != nil else { return }
        try door.replaceCertificate()
        for agent in agents where agent.door === door {
            guard let host = database.find("host", agent.reference) else { continue }
            for old in database.rows("Certificate", "certificates", of: host) { database.destroy(old) }
            try addCertificate(of: host, from: Timestamp.currentSeconds)
        }
    }
}
