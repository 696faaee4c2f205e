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
        migrator.registerMigration("2 groups, access lists, providers, second factors, audit") { database in
            try database.execute(
                sql: """
                    CREATE TABLE userGroup (
                        id TEXT PRIMARY KEY,
                        name TEXT NOT NULL,
                        nameKey TEXT NOT NULL UNIQUE,
                        -- For a group that a provider keeps: the instance, and the group's id there.
                        provider TEXT,
                        providerGroupID TEXT,
                        UNIQUE (provider, providerGroupID),
                        CHECK ((provider IS NULL) = (providerGroupID IS NULL))
                    ) STRICT, WITHOUT ROWID;

                    CREATE TABLE membership (
                        groupID TEXT NOT NULL REFERENCES userGroup ON DELETE CASCADE,
                        userID TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
                        PRIMARY KEY (groupID, userID)
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX membershipOfUser ON membership (userID);

                    -- Who may do what with which object. The subject is a user or a group.
                    CREATE TABLE access (
                        id TEXT NOT NULL UNIQUE,
                        subject TEXT NOT NULL,
                        object TEXT NOT NULL,
                        role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
                        PRIMARY KEY (subject, object, role)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TRIGGER accessOfUser AFTER DELETE ON user BEGIN
                        DELETE FROM access WHERE subject = old.id;
                    END;
                    CREATE TRIGGER accessOfGroup AFTER DELETE ON userGroup BEGIN
                        DELETE FROM access WHERE subject = old.id;
                    END;

                    -- Who a provider's person is here. Nothing but these two names says so.
                    CREATE TABLE link (
                        provider TEXT NOT NULL,
                        subject TEXT NOT NULL,
                        userID TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
                        -- The voucher of the last sign-in or synchronisation, JSON.
                        voucher TEXT NOT NULL,
                        seenAt INTEGER NOT NULL,
                        PRIMARY KEY (provider, subject)
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX linkOfUser ON link (userID);

                    -- The sign-in at a provider that a token came of; ends with it.
                    CREATE TABLE tokenOrigin (
                        hash BLOB PRIMARY KEY REFERENCES token ON DELETE CASCADE,
                        provider TEXT NOT NULL,
                        subject TEXT NOT NULL,
                        session TEXT
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX tokenOriginBySubject ON tokenOrigin (provider, subject);

                    CREATE TABLE secondFactor (
                        userID TEXT PRIMARY KEY REFERENCES user ON DELETE CASCADE,
                        -- Encrypted.
                        secret BLOB NOT NULL,
                        -- The time step of the last code that was taken: none is taken twice.
                        lastStep INTEGER NOT NULL,
                        -- JSON array: what is left of the recovery codes, hashed.
                        recoveryCodes TEXT NOT NULL
                    ) STRICT, WITHOUT ROWID;

                    -- What has happened, each record with the hash of itself and of the one before.
                    CREATE TABLE audit (
                        number INTEGER PRIMARY KEY,
                        record TEXT NOT NULL,
                        hash BLOB NOT NULL
                    ) STRICT;
                    """)
        }
        migrator.registerMigration("ends of what providers vouch for") { database in
            try database.execute(
                sql: """
                    -- No token that comes of the sign-in may last longer; NULL: it has no end.
                    ALTER TABLE tokenOrigin ADD COLUMN expires INTEGER;
                    -- The person is known no more at the provider, and was signed out for it.
                    ALTER TABLE link ADD COLUMN isGone INTEGER NOT NULL DEFAULT 0 CHECK (isGone IN (0, 1));
                    """)
        }
        return migrator
    }
}
