import GRDB

extension DatabaseMigrator {
    /// The history of the database's layout. A migration that was released is never changed, only followed.
    static var store: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 users, tokens, plugin values") { database in
            try database.execute(
                sql: """
                    -- One row: what the host knows about this database itself.
                    CREATE TABLE host (
                        only INTEGER PRIMARY KEY CHECK (only = 1),
                        -- Tells whether secret.key is the one that this database was written with.
                        keyFingerprint BLOB,
                        -- The last revision given to a plugin value.
                        revision INTEGER NOT NULL
                    ) STRICT;
                    INSERT INTO host VALUES (1, NULL, 0);

                    CREATE TABLE user (
                        id TEXT PRIMARY KEY,
                        name TEXT NOT NULL,
                        -- The name as it is compared: normalised, lower case.
                        nameKey TEXT NOT NULL UNIQUE,
                        -- PHC text; NULL for one who cannot sign in with a password.
                        passwordHash TEXT,
                        permission TEXT NOT NULL CHECK (permission IN ('none', 'read', 'write', 'admin')),
                        preferences TEXT NOT NULL,
                        createdAt INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;

                    CREATE TABLE token (
                        -- SHA-256 of the token's text.
                        hash BLOB PRIMARY KEY,
                        userID TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
                        -- With secret.key and userID this yields the token's text again.
                        nonce BLOB NOT NULL,
                        clientID TEXT,
                        description TEXT,
                        createdAt INTEGER NOT NULL,
                        expiration INTEGER NOT NULL,
                        -- JSON object: address -> time in ms.
                        lastUses TEXT NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE UNIQUE INDEX tokenOfClient ON token (userID, clientID) WHERE clientID IS NOT NULL;
                    CREATE INDEX tokenOfUser ON token (userID);
                    CREATE INDEX tokenByExpiration ON token (expiration);

                    CREATE TABLE pluginValue (
                        scope TEXT NOT NULL,
                        key TEXT NOT NULL,
                        value BLOB NOT NULL,
                        isSecret INTEGER NOT NULL,
                        revision INTEGER NOT NULL,
                        PRIMARY KEY (scope, key)
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        return migrator
    }
}
