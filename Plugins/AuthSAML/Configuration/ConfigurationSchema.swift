import XOJSON

extension Configuration {
    /// JSON Schema of the configuration.
    static let schema: JSON = [
        "type": "object",
        "additionalProperties": false,
        "required": ["idp"],
        "properties": [
            "label": text("What the sign-in page calls it.", default: "Single sign-on"),
            "idp": providerSchema,
            "spEntityId": text("Our entity id; by default the address of our metadata."),
            "subjectFrom": text(
                "What tells people apart for ever: nameId, or the name of an attribute. By default nameId, which must "
                    + "then be of the persistent format. Name one that is never given to somebody else."),
            "nameFrom": text(
                "What people are called here: nameId, or the name of an attribute.", default: "nameId"),
            "mailFrom": text("The attribute with the e-mail address; nameId if that is one."),
            "mailIsVerified": flag("The provider knows that addresses belong to those who have them."),
            "displayNameFrom": text("The attribute with the name in full."),
            "groupsFrom": text("The attribute with the names of groups."),
            "attributes": texts("Names of further attributes, for mapping rules."),
            "nameIdFormat": [
                "enum": ["unspecified", "email", "persistent"], "default": "unspecified",
                "description": "The format of NameID to ask for; unspecified leaves it to the provider.",
            ],
            "requestedAuthnContext": texts(
                "Authentication context classes to ask for; answers must then have one of them."),
            "forceAuthn": flag("Have people prove who they are each time, also if the provider knows them already."),
            "signRequests": keySchema(
                "Sign our requests with this RSA key.",
                ["nextCertificate": text("Of the next key, during a rollover: PEM. Only listed in our metadata.")]),
            "decryptionKeys": [
                "type": "array", "maxItems": 4, "default": [],
                "items": keySchema("An RSA key for assertions that are encrypted to us."),
                "description": "Keys for encrypted assertions; several during a rollover.",
            ],
            "require": [
                "enum": ["any", "assertion", "response", "both"], "default": "any",
                "description": "What must be signed; any: something that covers the assertion.",
            ],
            "requireEncryption": flag("Refuse assertions that are not encrypted."),
            "allowIdpInitiated": flag(
                "Take answers that nobody here has asked for. Others can then sign people in to accounts of theirs."),
            "clockSkew": seconds(0...300, "By which clocks may differ.", default: 60),
            "maxAuthnAge": seconds(1...31_536_000, "After which people must have proved anew who they are."),
            "allowSha1": flag("Take signatures with SHA-1, which can be forged."),
            "allowCbc": flag("Take AES-CBC outside of signed responses, which leaks what is encrypted."),
            "maxBytes": [
                "type": "integer", "minimum": 4096, "maximum": 4_194_304, "default": 262_144,
                "description": "Bytes of a message; beyond, it is refused.",
            ],
            "rememberedAssertions": [
                "type": "integer", "minimum": 1, "maximum": 100_000, "default": 10_000,
                "description":
                    "Used assertions that are remembered until they have expired. When so many are, nobody signs in.",
            ],
            "logout": [
                "enum": ["off", "redirect"], "default": "off",
                "description":
                    "redirect: signing out here signs out at the provider, and the reverse. Needs signRequests.",
            ],
        ],
    ]

    private static let providerSchema: JSON = [
        "type": "object",
        "additionalProperties": false,
        "description":
            "The identity provider: by metadata, metadataFile or metadataUrl, or by entityId, ssoUrl and certificates.",
        "properties": [
            "entityId": text("Its entity id. With metadata: the one to take of several."),
            "ssoUrl": text("Where browsers are sent to sign in (redirect binding)."),
            "sloUrl": text("Where browsers are sent to sign out (redirect binding)."),
            "certificates": [
                "type": "array", "minItems": 1, "maxItems": 8, "items": text("PEM."),
                "description": "Certificates that it signs with; several during a rollover.",
            ],
            "metadata": text("Its metadata: XML."),
            "metadataFile": text("A file with its metadata. Looked at once a minute."),
            "metadataUrl": text("The https address of its metadata. Fetched once a day; the last good copy is kept."),
            "metadataCertificate": text("PEM. The metadata must be signed with it."),
            "certificateAuthorities": text(
                "PEM. Who vouches for the server of metadataUrl; by default those of the system."),
            "acceptNewCertificates": flag(
                "Trust new certificates in unsigned metadata from metadataUrl without being asked."),
        ],
    ]

    // MARK: Pieces

    private static func keySchema(_ description: String, _ more: JSONObject = [:]) -> JSON {
        var properties: JSONObject = [
            "secretKey": text("PEM without a password; ${file:PATH} reads a file."), "certificate": text("PEM."),
        ]
        properties.merge(more, uniquingKeysWith: { $1 })
        return [
            "type": "object", "additionalProperties": false, "required": ["secretKey", "certificate"],
            "properties": .object(properties), "description": .string(description),
        ]
    }

    private static func text(_ description: String, default standard: String? = nil) -> JSON {
        var schema: JSONObject = ["type": "string", "minLength": 1, "description": .string(description)]
        schema["default"] = standard.map(JSON.string)
        return .object(schema)
    }

    private static func texts(_ description: String) -> JSON {
        [
            "type": "array", "maxItems": 100, "items": ["type": "string", "minLength": 1], "default": [],
            "description": .string(description),
        ]
    }

    private static func flag(_ description: String) -> JSON {
        ["type": "boolean", "default": false, "description": .string(description)]
    }

    private static func seconds(
        _ range: ClosedRange<Int64>, _ description: String, default standard: Int64? = nil
    ) -> JSON {
        var schema: JSONObject = [
            "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            "description": .string("Seconds. " + description),
        ]
        schema["default"] = standard.map(JSON.integer)
        return .object(schema)
    }
}
