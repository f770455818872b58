-- The answers to writes that came with a key, so that the same request gets the same answer.
-- Both databases keep bytes under BYTEA: SQLite keeps them as they are under a type it does not know.
CREATE TABLE idempotency (
    actor       TEXT NOT NULL CHECK (actor <> ''),
    request_key TEXT NOT NULL CHECK (length(request_key) BETWEEN 1 AND 255),
    operation   TEXT NOT NULL CHECK (operation <> ''),
    fingerprint BYTEA NOT NULL CHECK (length(fingerprint) = 32),
    answer      BYTEA NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (actor, request_key)
);
CREATE INDEX idempotency_at ON idempotency (at);
