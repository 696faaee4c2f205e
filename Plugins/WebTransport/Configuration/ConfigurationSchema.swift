import XOJSON

extension Configuration {
    /// JSON Schema of the configuration.
    static let schema: JSON = [
        "type": "object",
        "additionalProperties": false,
        "properties": [
            "listen": [
                "type": "array", "minItems": 1, "items": listenSchema,
                "default": [["address": "127.0.0.1", "port": 8080]],
                "description": "Where to listen.",
            ],
            "workers": integer(
                1...64, nil,
                "Threads that serve connections; by default one per processor, at most 4. Takes effect at a start."),
            "maximumConnections": integer(
                1...1_000_000, 1024, "Connections open at once; more are closed as they come."),
            "maximumConnectionsPerAddress": integer(
                1...1_000_000, 256,
                "The same for one client address. This machine's own addresses and trusted proxies are exempt."),
            "maximumHeaderSize": integer(
                1024...1_048_576, 16_384, "Bytes of an HTTP request's target and header together; beyond: 431."),
            "maximumBodySize": integer(
                0...1_073_741_824, 1_048_576, "Bytes of an HTTP request's body; beyond: 413."),
            "maximumMessageSize": integer(
                1024...1_073_741_824, 16_777_216,
                "Bytes of a WebSocket message, after decompression; beyond, the connection is closed with 1009."),
            "outgoingQueueLimit": integer(
                65_536...4_294_967_296, 67_108_864,
                "Bytes that may wait for a client that reads slowly; one message more may go beyond. From half of it "
                    + "on, nothing more is read from the client and its notifications are merged."),
            "compressionThreshold": integer(
                0...1_073_741_824, 65_536,
                "Answers of at least this many bytes are compressed for clients that can inflate; 0: never."),
            "headerTimeout": seconds(10, "For a new connection to hand in its first request's header."),
            "bodyTimeout": seconds(60, "For a request's body to arrive."),
            "idleTimeout": seconds(60, "For which a plain HTTP connection is kept between two requests."),
            "slowReaderTimeout": seconds(30, "After which a client that takes nothing of what waits for it is closed."),
            "allowedOrigins": [
                "type": "array", "items": ["type": "string", "minLength": 1], "default": [],
                "description": .string(
                    "Web pages, such as https://xo.example.com, that may connect beside those of this server; "
                        + "* for all."),
            ],
            "trustedProxies": [
                "type": "array", "items": ["type": "string", "minLength": 1], "default": [],
                "description": .string(
                    "Addresses or ranges, such as 10.0.0.0/8, of reverse proxies whose X-Forwarded-For and "
                        + "X-Forwarded-Proto are believed."),
            ],
        ],
    ]

    private static let listenSchema: JSON = [
        "type": "object",
        "additionalProperties": false,
        "properties": [
            "address": [
                "type": "string", "minLength": 1, "default": "127.0.0.1",
                "description": "Address of this machine; 0.0.0.0 or :: for all of them.",
            ],
            "port": integer(0...65535, 8080, "TCP port; 0 takes a free one, which the log tells."),
            "tls": [
                "type": "object",
                "additionalProperties": false,
                "description":
                    "Serve HTTPS, with certificateFile and keyFile, or with selfSigned. Without: plain HTTP.",
                "properties": [
                    "certificateFile": [
                        "type": "string", "minLength": 1,
                        "description": "PEM file with the server's certificate, then the intermediate ones.",
                    ],
                    "keyFile": [
                        "type": "string", "minLength": 1, "description": "PEM file with its private key.",
                    ],
                    "selfSigned": [
                        "type": "boolean",
                        "description": "Use a certificate of this server's own, made once; its fingerprint is logged.",
                    ],
                ],
            ],
        ],
    ]

    private static func integer(_ range: ClosedRange<Int64>, _ standard: Int64?, _ description: String) -> JSON {
        var schema: JSONObject = [
            "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            "description": .string(description),
        ]
        schema["default"] = standard.map(JSON.integer)
        return .object(schema)
    }

    private static func seconds(_ standard: Int64, _ description: String) -> JSON {
        [
            "type": "number", "minimum": 0.1, "maximum": 86_400, "default": .integer(standard),
            "description": .string("Seconds. " + description),
        ]
    }
}
