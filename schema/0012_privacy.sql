-- What a learner decides about the own data. Rows begin with the learner's account; personal texts are sealed.

-- Leave to see the record, for a school or for whoever has a link; of the link only the SHA-256 of its secret is kept. note is sealed: the learner's own word for it.
-- terms is the version of the text that was agreed to.
CREATE TABLE share (
    learner      TEXT NOT NULL REFERENCES learner (account),
    id           TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 8 AND 40),
    institution  TEXT REFERENCES institution (code),
    digest       BYTEA UNIQUE CHECK (length(digest) = 32),
    whole        BOOLEAN NOT NULL,
    note         BYTEA,
    terms        INTEGER NOT NULL CHECK (terms >= 1),
    made_at      BIGINT NOT NULL,
    until_on     INTEGER NOT NULL,
    withdrawn_at BIGINT CHECK (withdrawn_at >= made_at),
    PRIMARY KEY (learner, id),
    CHECK ((institution IS NULL) = (digest IS NOT NULL))
);
CREATE INDEX share_institution ON share (institution, learner) WHERE institution IS NOT NULL;

-- Whose results a grant that is not whole shows.
CREATE TABLE share_issuer (
    learner     TEXT NOT NULL,
    share       TEXT NOT NULL,
    institution TEXT NOT NULL REFERENCES institution (code),
    PRIMARY KEY (learner, share, institution),
    FOREIGN KEY (learner, share) REFERENCES share (learner, id) ON DELETE CASCADE
);

-- Openings of a link, counted by day and network (/24 of IPv4, /48 of IPv6).
CREATE TABLE share_opening (
    learner  TEXT NOT NULL,
    share    TEXT NOT NULL,
    day      INTEGER NOT NULL,
    network  TEXT NOT NULL CHECK (length(network) <= 80),
    times    BIGINT NOT NULL CHECK (times >= 1),
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL CHECK (last_at >= first_at),
    PRIMARY KEY (learner, share, day, network),
    FOREIGN KEY (learner, share) REFERENCES share (learner, id) ON DELETE CASCADE
);
CREATE INDEX share_opening_day ON share_opening (day);

-- What a learner asks to be put right: a field of the person, or a result. value, why and answer are sealed.
CREATE TABLE correction (
    learner     TEXT NOT NULL REFERENCES learner (account),
    id          TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 8 AND 40),
    field       TEXT NOT NULL CHECK (field IN ('', 'name', 'id_number', 'school_number', 'birth_date', 'gender', 'phone', 'email')),
    institution TEXT,
    reference   TEXT,
    value       BYTEA NOT NULL,
    why         BYTEA NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'refused', 'withdrawn')),
    answer      BYTEA,
    made_at     BIGINT NOT NULL,
    decided_at  BIGINT CHECK (decided_at >= made_at),
    decided_by  TEXT,
    PRIMARY KEY (learner, id),
    CHECK ((institution IS NULL) = (reference IS NULL)),
    CHECK ((field = '') = (institution IS NOT NULL)),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL))
);
CREATE INDEX correction_result ON correction (institution, state, made_at) WHERE institution IS NOT NULL;
CREATE INDEX correction_state ON correction (state, made_at);

-- How long things are kept, in days, where it is not as the bank came.
CREATE TABLE retention (
    what TEXT PRIMARY KEY,
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 36500)
);

-- Which text was agreed to: see the sentences consent.KIND.VERSION.
ALTER TABLE consent ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1);
