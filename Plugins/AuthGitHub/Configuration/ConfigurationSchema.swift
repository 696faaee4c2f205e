import XOJSON

extension Configuration {
    /// JSON Schema of the configuration.
    static let schema: JSON = [
        "type": "object",
        "additionalProperties": false,
        "required": ["clientId", "clientSecret"],
        "properties": [
            "label": [
                "type": "string", "minLength": 1, "maxLength": 100, "default": "GitHub",
                "description": "What the button on the sign-in page says.",
            ],
            "clientId": [
                "type": "string", "pattern": "^[!-~]{1,200}$",
                "description": "Of the OAuth App or GitHub App that is registered for this host.",
            ],
            "clientSecret": [
                "type": "string", "pattern": "^[!-~]{1,200}$",
                "description": "One of its client secrets; better ${file:…} or ${env:…} than the secret itself.",
            ],
            "baseUrl": [
                "type": "string", "minLength": 1, "default": "https://github.com",
                "description": .string(
                    "Where GitHub's pages are: https://github.com, https://SUB.ghe.com, or an Enterprise Server's. The "
                        + "address of the API follows from it."),
            ],
            "formerBaseUrl": [
                "type": "string", "minLength": 1,
                "description": .string(
                    "What baseUrl was before the same GitHub was renamed. Without it another address is refused, since "
                        + "people are known by the numbers that they have there."),
            ],
            "certificateAuthorities": [
                "type": "array", "items": ["type": "string", "minLength": 1], "default": [],
                "description": .string(
                    "PEM files, or PEM texts, of the authorities that may vouch for an Enterprise Server, and no others; "
                        + "read again when they change. Empty: the system's."),
            ],
            "allow": [
                "type": "object", "additionalProperties": false, "default": [:],
                "description": .string(
                    "Who may come in: whoever is in one of these lists. All of them empty: nobody. A name is looked up "
                        + "once and then known by its number; id:1234 gives the number itself."),
                "properties": [
                    "organizations": entries(
                        name, "Organisations whose members may come in; an invitation is no membership yet."),
                    "teams": entries("\(name)/[A-Za-z0-9._-]{1,100}", "Teams, as organisation/team."),
                    "users": entries(userName, "Single people."),
                ],
            ],
            "allowAnyone": [
                "type": "boolean", "default": false,
                "description": "Lets everybody in who has an account there. For Enterprise Servers.",
            ],
            "allowSignup": [
                "type": "boolean", "default": false,
                "description": "Whether GitHub offers to make an account to those who have none.",
            ],
            "requireVerifiedEmail": [
                "type": "boolean", "default": false,
                "description": "Refuses people without a verified primary e-mail address.",
            ],
            "groupsFrom": [
                "type": "string", "enum": ["teams", "organizations", "both", "none"], "default": "teams",
                "description": "What the host is told as the groups of a person.",
            ],
            "recheckInterval": [
                "type": "number", "minimum": 0.001, "maximum": 10_080,
                "description": .string(
                    "Minutes for which what GitHub says of a person is good. With it, people's tokens are kept, encrypted, "
                        + "and those who have left are found out while they are signed in. Without it, tokens are given back "
                        + "at once."),
            ],
            "callTimeout": seconds(10, "For one answer of GitHub's."),
            "signInTimeout": seconds(20, "For all answers of a sign-in together."),
        ],
    ]

    // GitHub allows letters, digits and hyphens; Enterprise Servers have older and managed names, too.
    private static let name = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
    private static let userName = "[A-Za-z0-9][A-Za-z0-9._\\[\\]-]{0,99}"

    private static func entries(_ form: String, _ description: String) -> JSON {
        [
            "type": "array", "maxItems": 100,
            "items": ["type": "string", "pattern": .string("^(id:[0-9]{1,18}|\(form))$")],
            "default": [], "description": .string(description),
        ]
    }

    private static func seconds(_ standard: Int64, _ description: String) -> JSON {
        [
            "type": "number", "minimum": 0.05, "maximum": 25, "default": .integer(standard),
            "description": .string("Seconds. " + description),
        ]
    }
}
