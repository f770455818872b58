-- Logins: who comes in, as what, and by which ways. Of a secret only a digest is kept. Personal texts are sealed and found
-- by keyed digests of 16 bytes; neither tells anything without the keys, which are not in the database.

-- handle is the digest of the login name, without case; learners need none, for they come with their numbers.
-- personal holds the login name, the name for people and the e-mail address. epoch rises when all sessions end.
CREATE TABLE login (
    id        TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    handle    BYTEA UNIQUE CHECK (length(handle) = 16),
    learner   TEXT UNIQUE REFERENCES learner (account),
    personal  BYTEA NOT NULL,
    password  TEXT CHECK (length(password) BETWEEN 40 AND 400),
    totp      BYTEA,
    totp_step BIGINT NOT NULL CHECK (totp_step >= 0),
    disabled  BOOLEAN NOT NULL,
    epoch     BIGINT NOT NULL CHECK (epoch >= 0),
    made_at   BIGINT NOT NULL,
    seen_at   BIGINT,
    CHECK (handle IS NOT NULL OR learner IS NOT NULL)
);

CREATE TABLE login_role (
    login       TEXT NOT NULL REFERENCES login (id) ON DELETE CASCADE,
    role        TEXT NOT NULL CHECK (role IN ('registrar', 'expert', 'decider', 'administrator', 'auditor')),
    institution TEXT REFERENCES institution (code),
    granted_at  BIGINT NOT NULL,
    granted_by  TEXT NOT NULL CHECK (granted_by <> ''),
    CHECK ((role IN ('administrator', 'auditor')) = (institution IS NULL))
);
CREATE UNIQUE INDEX login_role_once ON login_role (login, role, coalesce(institution, ''));
CREATE INDEX login_role_institution ON login_role (institution, login);

-- Failed tries, by the digest of what was tried. A name that nobody has is counted as any other, in one of a bounded
-- number of slots.
CREATE TABLE attempt (
    subject       BYTEA NOT NULL PRIMARY KEY CHECK (length(subject) = 16),
    slot          INTEGER UNIQUE CHECK (slot BETWEEN 0 AND 65535),
    failures      INTEGER NOT NULL CHECK (failures >= 1),
    blocked_until BIGINT NOT NULL,
    at            BIGINT NOT NULL
);

-- Links that make a login or mend one. digest is SHA-256 of 256 random bits. payload is sealed: for whom, with which roles;
-- it goes with the use.
CREATE TABLE invitation (
    id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    digest      BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
    kind        TEXT NOT NULL CHECK (kind IN ('staff', 'recovery', 'first')),
    login       TEXT REFERENCES login (id) ON DELETE CASCADE,
    institution TEXT REFERENCES institution (code),
    payload     BYTEA,
    made_by     TEXT NOT NULL CHECK (made_by <> ''),
    made_at     BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL CHECK (expires_at > made_at),
    used_at     BIGINT,
    CHECK ((kind = 'recovery') = (login IS NOT NULL)),
    CHECK ((used_at IS NULL) = (payload IS NOT NULL))
);

-- The code with which a learner claims the account, one at a time. digest is keyed, since a code is short enough to guess.
CREATE TABLE claim_code (
    learner    TEXT NOT NULL PRIMARY KEY REFERENCES learner (account),
    digest     BYTEA NOT NULL CHECK (length(digest) = 16),
    tries_left INTEGER NOT NULL CHECK (tries_left BETWEEN 0 AND 10),
    made_by    TEXT NOT NULL CHECK (made_by <> ''),
    made_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL CHECK (expires_at > made_at)
);

-- personal is sealed: the name that the person gave the key, and the credential as the library keeps it.
CREATE TABLE passkey (
    id       BYTEA NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 1023),
    login    TEXT NOT NULL REFERENCES login (id) ON DELETE CASCADE,
    personal BYTEA NOT NULL,
    made_at  BIGINT NOT NULL,
    used_at  BIGINT
);
CREATE INDEX passkey_login ON passkey (login);

-- Whom an identity provider names: a keyed digest of its subject.
CREATE TABLE identity (
    issuer  TEXT NOT NULL CHECK (length(issuer) BETWEEN 1 AND 500),
    subject BYTEA NOT NULL CHECK (length(subject) = 16),
    login   TEXT NOT NULL REFERENCES login (id) ON DELETE CASCADE,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (login, issuer)
);

-- token is the digest of a session's token, id what people name the session by. data is sealed. One that ended stays
-- until it would have expired, so that a request under way does not bring it back.
CREATE TABLE session (
    token      TEXT NOT NULL PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    login      TEXT REFERENCES login (id) ON DELETE CASCADE,
    epoch      BIGINT NOT NULL,
    agent      TEXT NOT NULL CHECK (length(agent) <= 40),
    origin     TEXT NOT NULL CHECK (length(origin) <= 80),
    data       BYTEA,
    made_at    BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended      BOOLEAN NOT NULL,
    CHECK (ended = (data IS NULL))
);
CREATE INDEX session_login ON session (login);
CREATE INDEX session_expiry ON session (expires_at);

-- What a learner, or for one under fourteen the guardian, agreed to. guardian is sealed.
CREATE TABLE consent (
    id           TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    learner      TEXT NOT NULL REFERENCES learner (account),
    kind         TEXT NOT NULL CHECK (kind <> ''),
    guardian     BYTEA,
    at           BIGINT NOT NULL,
    withdrawn_at BIGINT CHECK (withdrawn_at >= at)
);
CREATE UNIQUE INDEX consent_once ON consent (learner, kind) WHERE withdrawn_at IS NULL;
