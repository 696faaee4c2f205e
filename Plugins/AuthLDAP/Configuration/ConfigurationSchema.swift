import XOJSON

extension Configuration {
    /// JSON Schema of the configuration.
    static let schema: JSON = [
        "type": "object",
        "additionalProperties": false,
        "required": ["uri", "base", "userIdAttribute"],
        "properties": .object(connection.merging(people, uniquingKeysWith: { $1 })),
    ]

    private static let connection: JSONObject = [
        "label": text("What people read on the sign-in page.", standard: "Directory"),
        "uri": text("The server: ldaps://HOST or ldap://HOST, with :PORT if it is not 636 or 389."),
        "failoverUris": list("Servers with the same content, which are asked when the first is out of order."),
        "failover": object(
            "How servers are chosen.",
            [
                "order": choice(
                    ["listed", "random"], "listed", "The first that works, or any, so that the work is shared out."),
                "cooldown": seconds(30, "For which a server that failed is not asked while another one works."),
            ]),
        "startTls": flag(false, "Begin TLS on a connection to ldap://; without TLS nothing is sent."),
        "checkCertificate": flag(
            true, "Whether the server's certificate must be valid. Switched off, anybody on the way can read passwords."
        ),
        "certificateAuthorities": list(
            "Who may vouch for the server: absolute paths of PEM files, or certificates as PEM text. None: those that the "
                + "system trusts. Files are read again when they change."),
        "clientCertificate": object(
            "A certificate for the service, absolute paths of PEM files. Without bind the service signs in with it (SASL "
                + "EXTERNAL).",
            ["cert": text("The certificate."), "key": text("Its private key.")], required: ["cert", "key"],
            isOptional: true),
        "tlsMin": choice(["1.2", "1.3"], "1.2", "The oldest version of TLS that is good enough."),
        "allowPlainText": flag(
            false, "Permits ldap:// without startTls to other machines. Passwords can then be read on the way."),
        "bind": object(
            "The account that searches. Without: anonymous, or by clientCertificate.",
            [
                "dn": text("Its name; Active Directory takes user@domain, too."),
                "password": text("Its password; better ${file:PATH} or ${env:NAME}."),
            ], required: ["dn", "password"], isOptional: true),
        "pageSize": integer(
            0...10_000, 500,
            "Entries that are asked for at a time; Active Directory takes at most 1000. 0: all at once."),
        "timeouts": object(
            "How long one step may take.",
            [
                "connect": seconds(5, "To reach a server."), "tls": seconds(5, "For the TLS handshake."),
                "bind": seconds(5, "For a bind."), "search": seconds(10, "For a search."),
                "total": seconds(20, "For all of a sign-in; the host waits for 30.", maximum: 30),
            ]),
        "pool": object(
            "Connections of the service. Each belongs to a thread, and each sign-in occupies one.",
            [
                "max": integer(1...64, 8, "How many sign-ins are worked on at the same time; others wait."),
                "idle": seconds(60, "After which a connection without work is closed."),
                "maxAge": seconds(600, "After which a connection is replaced."),
            ]),
    ]

    private static let people: JSONObject = [
        "base": text("The entry below which people are."),
        "searchScope": choice(["sub", "one"], "sub", "All levels below the base, or one."),
        "filter": text(
            "Which entry is meant by what somebody has typed, {{name}}.", standard: "(uid={{name}})"),
        "onMultiple": choice(
            ["refuse", "tryEach"], "refuse",
            "If several entries are meant: nobody comes in, or the first whose password it is."),
        "userIdAttribute": text(
            "What stays the same with a person and never passes to another: entryUUID, nsUniqueId, objectGUID."),
        "nameAttribute": text(
            "What people are called here. By default the first that the filter compares with {{name}}."),
        "mailAttribute": text("The e-mail address.", standard: "mail"),
        "mailVerified": flag(false, "Whether people cannot write their address into the directory themselves."),
        "displayNameAttribute": text("The name for people to read.", standard: "displayName"),
        "attributes": list("More attributes, for the rules that map people to rights."),
        "groups": object(
            "Where groups are. Without: people are in none.",
            [
                "base": text("The entry below which groups are."),
                "filter": text(
                    "Which entries are groups.",
                    standard: "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)"
                        + "(objectClass=group))"),
                "idAttribute": text("What stays the same with a group."),
                "displayNameAttribute": text("What a group is called.", standard: "cn"),
                "membersMapping": object(
                    "How groups list members.",
                    [
                        "groupAttribute": text(
                            "The attribute of groups: member, uniqueMember, memberUid.", standard: "member"),
                        "userAttribute": text("What of a person stands there: dn, uid.", standard: "dn"),
                    ]),
                "mode": choice(
                    ["fromUser", "fromGroups", "adChain", "expandNested"], "fromGroups",
                    "fromUser: by memberOfAttribute of the person. fromGroups: by the groups that list the person. "
                        + "adChain: Active Directory follows nested groups. expandNested: as fromGroups, and nested groups "
                        + "are followed from here, ten levels and 5000 groups at most."),
                "nested": [
                    "type": "boolean",
                    "description":
                        "Follow nested groups; by default as mode says. With fromUser: from the person's groups on.",
                ],
                "memberOfAttribute": text(
                    "Attribute of people that lists their groups, for fromUser.", standard: "memberOf"),
                "prefix": text("Put before the groups' names.", standard: "", minimum: 0),
            ], required: ["base", "idAttribute"], isOptional: true),
        "requireGroups": list(
            "Names (DN) of groups; who is in none of them does not come in. They must be among those that groups finds."
        ),
    ]

    // MARK: Parts of it

    private static func text(_ description: String, standard: String? = nil, minimum: Int64 = 1) -> JSON {
        var schema: JSONObject = [
            "type": "string", "minLength": .integer(minimum), "description": .string(description),
        ]
        schema["default"] = standard.map(JSON.string)
        return .object(schema)
    }

    private static func flag(_ standard: Bool, _ description: String) -> JSON {
        ["type": "boolean", "default": .bool(standard), "description": .string(description)]
    }

    private static func choice(_ values: [String], _ standard: String, _ description: String) -> JSON {
        ["enum": JSON(values), "default": .string(standard), "description": .string(description)]
    }

    private static func list(_ description: String) -> JSON {
        [
            "type": "array", "items": ["type": "string", "minLength": 1], "default": [],
            "description": .string(description),
        ]
    }

    private static func integer(_ range: ClosedRange<Int64>, _ standard: Int64, _ description: String) -> JSON {
        [
            "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            "default": .integer(standard), "description": .string(description),
        ]
    }

    private static func seconds(_ standard: Int64, _ description: String, maximum: Int64 = 3600) -> JSON {
        [
            "type": "number", "minimum": 0.1, "maximum": .integer(maximum), "default": .integer(standard),
            "description": .string("Seconds. " + description),
        ]
    }

    /// - Parameter isOptional: it has no defaults of its own: it is there or not.
    private static func object(
        _ description: String, _ properties: JSONObject, required: [String] = [], isOptional: Bool = false
    ) -> JSON {
        var schema: JSONObject = [
            "type": "object", "additionalProperties": false, "description": .string(description),
            "properties": .object(properties),
        ]
        if !required.isEmpty { schema["required"] = JSON(required) }
        if !isOptional { schema["default"] = .object(properties.compactMapValues { $0["default"] }) }
        return .object(schema)
    }
}
