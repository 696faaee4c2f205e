import XOJSON

/// The schema of `plugins.json`: what the loader checks with, and what is published as `docs/plugins.schema.json`
/// (`xo-host check --schema` prints it).
enum ConfigurationSchema {
    static func document() throws(JSONError) -> JSON { try JSON(parsing: text) }

    static let text = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "plugins.json",
          "description": "The configuration of xo-host. In host and in the plugins' configurations, ${env:NAME} inside of a string stands for an environment variable and ${file:PATH} for the content of a file; $${ stands for ${ itself.",
          "type": "object",
          "properties": {
            "$schema": {
              "description": "Where this schema is, for editors.",
              "type": "string"
            },
            "host": {
              "description": "Settings of the host itself.",
              "type": "object",
              "default": {},
              "properties": {
                "dataDirectory": {
                  "description": "Where the host keeps its state, a directory of mode 0700. Relative to the folder of this file.",
                  "type": "string",
                  "minLength": 1,
                  "default": "/var/lib/xo-host"
                },
                "pluginDirectories": {
                  "description": "Where plugins named without a path are looked for, in this order, before the folder of the executable. Relative to the folder of this file.",
                  "type": "array",
                  "items": { "type": "string", "minLength": 1 },
                  "default": []
                },
                "log": {
                  "description": "The log, written to standard error.",
                  "type": "object",
                  "default": {},
                  "properties": {
                    "level": {
                      "description": "The least important messages that are written.",
                      "enum": ["trace", "debug", "info", "notice", "warning", "error", "critical"],
                      "default": "info"
                    },
                    "format": {
                      "description": "Lines for people, or one JSON object a line for programs.",
                      "enum": ["text", "json"],
                      "default": "text"
                    }
                  },
                  "additionalProperties": false
                },
                "publicURL": {
                  "description": "The address under which people see this host, such as https://xo.example.org, without a path, for sign-in at other servers. Without it, where the first transport takes connections.",
                  "type": "string",
                  "pattern": "^https?://[^/?#\\s]+$"
                },
                "passwords": {
                  "description": "What passwords of local users have to be like.",
                  "type": "object",
                  "default": {},
                  "properties": {
                    "minimumLength": {
                      "description": "Characters that a new password has at least.",
                      "type": "integer",
                      "minimum": 1,
                      "maximum": 128,
                      "default": 8
                    }
                  },
                  "additionalProperties": false
                },
                "startTimeout": {
                  "description": "Seconds that a plugin may take to start.",
                  "type": "number",
                  "minimum": 1,
                  "maximum": 3600,
                  "default": 30
                },
                "hangTimeout": {
                  "description": "Seconds that a plugin in a process of its own may still be at something whose time is over. Then it hangs, and its process is ended and started again.",
                  "type": "number",
                  "minimum": 1,
                  "maximum": 3600,
                  "default": 10
                },
                "shutdownTimeout": {
                  "description": "Seconds that all plugins together may take to stop.",
                  "type": "number",
                  "minimum": 1,
                  "maximum": 3600,
                  "default": 10
                },
                "passwordHash": {
                  "description": "The cost of Argon2id. Passwords hashed at a lower cost are hashed anew when their user signs in.",
                  "type": "object",
                  "default": {},
                  "properties": {
                    "memoryKiB": {
                      "description": "KiB of memory.",
                      "type": "integer",
                      "minimum": 8192,
                      "maximum": 4194304,
                      "default": 65536
                    },
                    "iterations": {
                      "description": "Passes over the memory.",
                      "type": "integer",
                      "minimum": 1,
                      "maximum": 100,
                      "default": 3
                    },
                    "parallelism": {
                      "description": "Threads.",
                      "type": "integer",
                      "minimum": 1,
                      "maximum": 64,
                      "default": 4
                    }
                  },
                  "additionalProperties": false
                },
                "limits": {
                  "description": "Bounds on what clients may ask of the host.",
                  "type": "object",
                  "default": {},
                  "properties": {
                    "sessions": {
                      "description": "Sessions at the same time.",
                      "type": "integer",
                      "minimum": 1,
                      "maximum": 1000000,
                      "default": 10000
                    },
                    "callsPerSession": {
                      "description": "Unfinished calls of one session.",
                      "type": "integer",
                      "minimum": 1,
                      "maximum": 100000,
                      "default": 256
                    }
                  },
                  "additionalProperties": false
                },
                "sessions": {
                  "description": "How long tokens live. A text such as \"30 days\" or \"10 hours\", or milliseconds; at least a minute.",
                  "type": "object",
                  "default": {},
                  "properties": {
                    "tokenValidity": {
                      "description": "The life of a token for which none is asked.",
                      "type": ["string", "number"],
                      "default": "30 days"
                    },
                    "maximumTokenValidity": {
                      "description": "The longest life that may be asked for.",
                      "type": ["string", "number"],
                      "default": "0.5 years"
                    }
                  },
                  "additionalProperties": false
                }
              },
              "additionalProperties": false
            },
            "plugins": {
              "description": "The plugins to run.",
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "id": {
                    "description": "A unique name for this instance: lower-case letters, digits and '-', at most 64.",
                    "type": "string",
                    "pattern": "^[a-z0-9-]{1,64}$"
                  },
                  "library": {
                    "description": "The plugin's file: a name that is looked for in host.pluginDirectories and beside the executable, or a path relative to the folder of this file.",
                    "type": "string",
                    "minLength": 1
                  },
                  "enabled": {
                    "description": "Whether the plugin is started with the host.",
                    "type": "boolean",
                    "default": true
                  },
                  "essential": {
                    "description": "Whether the host ends when this plugin cannot be started.",
                    "type": "boolean",
                    "default": false
                  },
                  "isolation": {
                    "description": "Where the plugin runs: inside of the host, or in a process of its own, whose crash the host survives.",
                    "enum": ["host", "process"],
                    "default": "host"
                  },
                  "memoryLimit": {
                    "description": "MiB of memory of its own that the plugin's process may take; with more it is ended and started again. Needs isolation: process.",
                    "type": "integer",
                    "minimum": 16,
                    "maximum": 1048576
                  },
                  "grants": {
                    "description": "What the plugin may do beyond the ordinary, calls.as-service for example.",
                    "type": "array",
                    "items": { "type": "string", "pattern": "^[a-z0-9-]+([.][a-z0-9-]+)*$" },
                    "default": []
                  },
                  "identity": {
                    "description": "For a plugin that signs people in: who they are here.",
                    "type": "object",
                    "properties": {
                      "link": {
                        "description": "Who an unknown person becomes if there is a user of the same name already: nobody, so that signing in fails; the user whose name is the person's verified e-mail address; or the user of that name, which is for moving from Xen Orchestra. Never an administrator, nor one who is linked already.",
                        "enum": ["never", "byVerifiedEmail", "byName"],
                        "default": "never"
                      },
                      "create": {
                        "description": "Whether an unknown person becomes a new user.",
                        "type": "boolean",
                        "default": true
                      },
                      "permission": {
                        "description": "What people may do whom no rule gives more.",
                        "enum": ["none", "read", "write"],
                        "default": "none"
                      },
                      "name": {
                        "description": "The user's name, from claims: {name}, {email}, {displayName}, {subject} or an attribute.",
                        "type": "string",
                        "minLength": 1,
                        "default": "{name}"
                      },
                      "groups": {
                        "description": "Which of the provider's groups become groups here: those that rules name, or all.",
                        "enum": ["named", "all"],
                        "default": "named"
                      },
                      "recheck": {
                        "description": "Minutes after which the provider is asked again for its people who are users here: who is gone there is signed out here, and groups and permissions follow. Without it, only when they sign in.",
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 10080
                      },
                      "wrongPasswords": {
                        "description": "How many wrong passwords for one name the provider hears from this host: fewer than make it lock an account.",
                        "type": "object",
                        "default": {},
                        "properties": {
                          "tries": {
                            "description": "So many; the last one only from an address from which the name has come in before.",
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 1000,
                            "default": 4
                          },
                          "minutes": {
                            "description": "Then none until so many minutes have passed.",
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 10080,
                            "default": 15
                          }
                        },
                        "additionalProperties": false
                      },
                      "rules": {
                        "description": "What follows from a person's claims. All rules that match count.",
                        "type": "array",
                        "default": [],
                        "items": {
                          "type": "object",
                          "properties": {
                            "claim": {
                              "description": "groups, groupIds, name, displayName, email, subject or an attribute.",
                              "type": "string",
                              "minLength": 1
                            },
                            "is": { "description": "The claim has this very value.", "type": "string" },
                            "like": { "description": "The claim has such a value, * standing for anything and ? for one character.", "type": "string", "minLength": 1 },
                            "matches": { "description": "The claim has a value in which this regular expression is found.", "type": "string", "minLength": 1 },
                            "allow": { "description": "Lets the person in. If any rule has this, nobody else comes in.", "type": "boolean" },
                            "permission": { "description": "What the person may do.", "enum": ["none", "read", "write", "admin"] },
                            "group": { "description": "The group that the person is in, with {0} for the value, {1} … for what the wildcards or groups of the pattern stand for, and claims in braces.", "type": "string", "minLength": 1 }
                          },
                          "required": ["claim"],
                          "additionalProperties": false
                        }
                      }
                    },
                    "additionalProperties": false
                  },
                  "configuration": {
                    "description": "Settings of the plugin; which there are, the plugin says.",
                    "type": "object",
                    "default": {}
                  }
                },
                "required": ["id", "library"],
                "additionalProperties": false
              }
            }
          },
          "required": ["plugins"],
          "additionalProperties": false
        }

        """#
}
