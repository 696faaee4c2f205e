/// What stands under `configuration` in `plugins.json`; ``schema`` describes it, and the host fills in its defaults.
///
/// Sizes are bytes, times are seconds.
struct Configuration: Decodable, Sendable {
    var listen: [ListenAddress]
    var workers: Int?
    var maximumConnections: Int
    var maximumConnectionsPerAddress: Int
    var maximumHeaderSize: Int
    var maximumBodySize: Int
    var maximumMessageSize: Int
    var outgoingQueueLimit: Int
    var compressionThreshold: Int
    var headerTimeout: Double
    var bodyTimeout: Double
    var idleTimeout: Double
    var slowReaderTimeout: Double
    var allowedOrigins: [AllowedOrigin]
    var trustedProxies: [AddressRange]
}

/// One place to listen at.
struct ListenAddress: Decodable, Sendable {
    /// What makes two entries the same listener.
    struct Endpoint: Hashable, Sendable, CustomStringConvertible {
        var address: String
        var port: Int

        /// As it stands in a URL: `127.0.0.1:8080`, `[::1]:8080`.
        var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
    }

    var endpoint: Endpoint
    var tls: TLSSource?

    private enum CodingKeys: String, CodingKey {
        case address, port, tls
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        endpoint = Endpoint(
            address: try container.decodeIfPresent(String.self, forKey: .address) ?? "127.0.0.1",
            port: try container.decodeIfPresent(Int.self, forKey: .port) ?? 8080)
        tls = try container.decodeIfPresent(TLSSource.self, forKey: .tls)
    }
}

/// Where a listener's certificate comes from.
enum TLSSource: Decodable, Hashable, Sendable {
    case files(certificate: String, key: String)
    case selfSigned

    private enum CodingKeys: String, CodingKey {
        case certificateFile, keyFile, selfSigned
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let certificate = try container.decodeIfPresent(String.self, forKey: .certificateFile)
        let key = try container.decodeIfPresent(String.self, forKey: .keyFile)
        let selfSigned = try container.decodeIfPresent(Bool.self, forKey: .selfSigned) ?? false
        switch (certificate, key, selfSigned) {
        case (let certificate?, let key?, false): self = .files(certificate: certificate, key: key)
        case (nil, nil, true): self = .selfSigned
        default:
            throw ConfigurationError(
                description: "tls needs either certificateFile and keyFile, or selfSigned: true, and not both; "
                    + "for plain HTTP leave tls out")
        }
    }
}

/// A configuration that cannot be applied: what is wrong, where, and what to do.
struct ConfigurationError: Error, CustomStringConvertible {
    let description: String
}
