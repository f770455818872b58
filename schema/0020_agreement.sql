-- Agreements (互认协议): a set of versions of equivalences that schools sign together, as a promise to the learners who enter from entered_from
-- to entered_to. An amendment is a further version. content is what is signed, and hash the SHA-256 of it in hexadecimal; while it is a
-- draft there is none. replaced_on: the day on which a later version was signed by all. edits counts the changes, so that a stale one is known.
CREATE TABLE agreement (
    id           TEXT NOT NULL CHECK (length(id) BETWEEN 8 AND 40),
    version      INTEGER NOT NULL CHECK (version >= 1),
    name         TEXT NOT NULL CHECK (name <> ''),
    text         TEXT NOT NULL,
    entered_from INTEGER NOT NULL,
    entered_to   INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('draft', 'open', 'signed', 'replaced', 'withdrawn', 'declined')),
    institution  TEXT NOT NULL REFERENCES institution (code),
    drafted_by   TEXT NOT NULL CHECK (drafted_by <> ''),
    made_at      BIGINT NOT NULL,
    changed_at   BIGINT NOT NULL,
    edits        INTEGER NOT NULL CHECK (edits >= 1),
    content      TEXT,
    hash         TEXT CHECK (length(hash) = 64),
    frozen_at    BIGINT,
    replaced_on  INTEGER,
    PRIMARY KEY (id, version),
    CHECK (entered_to >= entered_from),
    CHECK ((content IS NULL) = (hash IS NULL)),
    CHECK (state NOT IN ('open', 'signed', 'replaced') OR content IS NOT NULL),
    CHECK ((state IN ('signed', 'replaced')) = (frozen_at IS NOT NULL)),
    CHECK ((state = 'replaced') = (replaced_on IS NOT NULL))
);
-- One version is negotiated at a time, and one is in force.
CREATE UNIQUE INDEX agreement_open ON agreement (id) WHERE state IN ('draft', 'open');
CREATE UNIQUE INDEX agreement_signed ON agreement (id) WHERE state = 'signed';

-- Who signs, and whether they have.
CREATE TABLE agreement_party (
    agreement   TEXT NOT NULL,
    version     INTEGER NOT NULL,
    institution TEXT NOT NULL REFERENCES institution (code),
    signed_at   BIGINT,
    signed_by   TEXT,
    PRIMARY KEY (agreement, version, institution),
    FOREIGN KEY (agreement, version) REFERENCES agreement (id, version),
    CHECK ((signed_at IS NULL) = (signed_by IS NULL))
);
CREATE INDEX agreement_party_institution ON agreement_party (institution);

CREATE TABLE agreement_rule (
    agreement    TEXT NOT NULL,
    version      INTEGER NOT NULL,
    equivalence  TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    PRIMARY KEY (agreement, version, equivalence, rule_version),
    FOREIGN KEY (agreement, version) REFERENCES agreement (id, version),
    FOREIGN KEY (equivalence, rule_version) REFERENCES equivalence (code, version)
);
CREATE INDEX agreement_rule_rule ON agreement_rule (equivalence, rule_version);
