-- The keys that seal personal data, wrapped by a master key that is not in the database. version is raised by every change, so that all processes notice.
CREATE TABLE personal_key (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version BIGINT NOT NULL CHECK (version >= 1),
    wrapped BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);
