-- A third scope of tokens: courses and equivalences. SQLite changes no constraint: the table is made anew.
CREATE TABLE token_scoped (
    id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    institution TEXT NOT NULL REFERENCES institution (code),
    name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    may_deposit BOOLEAN NOT NULL,
    may_read    BOOLEAN NOT NULL,
    may_map     BOOLEAN NOT NULL DEFAULT FALSE,
    digest      BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
    expires_on  INTEGER NOT NULL,
    made_at     BIGINT NOT NULL,
    revoked_at  BIGINT,
    made_by     TEXT NOT NULL DEFAULT '',
    used_on     INTEGER,
    CHECK (may_deposit OR may_read OR may_map)
);
INSERT INTO token_scoped (id, institution, name, may_deposit, may_read, digest, expires_on, made_at, revoked_at, made_by, used_on)
SELECT id, institution, name, may_deposit, may_read, digest, expires_on, made_at, revoked_at, made_by, used_on FROM token;
DROP TABLE token;
ALTER TABLE token_scoped RENAME TO token;
