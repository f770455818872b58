-- Tokens of school systems. Of the secret only its SHA-256 is kept. A token that is revoked stays, for entries name it.
CREATE TABLE token (
    id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    institution TEXT NOT NULL REFERENCES institution (code),
    name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    may_deposit BOOLEAN NOT NULL,
    may_read    BOOLEAN NOT NULL,
    digest      BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
    expires_on  INTEGER NOT NULL,
    made_at     BIGINT NOT NULL,
    revoked_at  BIGINT,
    CHECK (may_deposit OR may_read)
);
