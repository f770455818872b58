-- The judging (评审) of equivalences: one for each version, what is published included. docs/workflow.md is its law.

-- A version that was refused or taken back stays a draft of the map for ever, so one draft at a time is no longer the rule: one judging is.
DROP INDEX equivalence_draft;

-- institution is the school that proposed, '' the bank. round counts the contents that were judged: opinions of an earlier one are over.
-- The version itself may be written anew while it is a draft, in the same transaction.
CREATE TABLE evaluation (
    equivalence TEXT NOT NULL,
    version     INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'returned', 'ready', 'published', 'superseded', 'suspended', 'ended',
                'refused', 'withdrawn')),
    origin      TEXT NOT NULL CHECK (length(origin) <= 200),
    why         TEXT NOT NULL,
    proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
    institution TEXT NOT NULL,
    round       INTEGER NOT NULL CHECK (round >= 1),
    made_at     BIGINT NOT NULL,
    moved_at    BIGINT NOT NULL,
    decided_by  TEXT,
    decided_at  BIGINT,
    answer      TEXT NOT NULL,
    reasons     TEXT NOT NULL,
    condition   TEXT NOT NULL,
    preview     TEXT NOT NULL,
    PRIMARY KEY (equivalence, version),
    FOREIGN KEY (equivalence, version) REFERENCES equivalence (code, version) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (decided_by <> proposed_by),
    CHECK (state <> 'refused' OR (reasons <> '' AND decided_by IS NOT NULL))
);
-- One version of an equivalence is judged at a time.
CREATE UNIQUE INDEX evaluation_open ON evaluation (equivalence) WHERE state IN ('draft', 'submitted', 'returned', 'ready');
CREATE INDEX evaluation_state ON evaluation (state, moved_at, equivalence, version);
CREATE INDEX evaluation_moved ON evaluation (moved_at, equivalence, version);
CREATE INDEX evaluation_by ON evaluation (proposed_by);
CREATE INDEX evaluation_school ON evaluation (institution) WHERE institution <> '';

-- party is school:CODE or expert:LOGIN. A row without an opinion is one that was asked for.
CREATE TABLE evaluation_opinion (
    equivalence TEXT NOT NULL,
    version     INTEGER NOT NULL,
    party       TEXT NOT NULL CHECK (party LIKE 'school:%' OR party LIKE 'expert:%'),
    round       INTEGER NOT NULL CHECK (round >= 1),
    asked_by    TEXT NOT NULL,
    asked_at    BIGINT NOT NULL,
    opinion     TEXT CHECK (opinion IN ('support', 'oppose', 'abstain')),
    text        TEXT NOT NULL,
    reasons     TEXT NOT NULL,
    condition   TEXT NOT NULL,
    given_by    TEXT,
    given_at    BIGINT,
    PRIMARY KEY (equivalence, version, party),
    FOREIGN KEY (equivalence, version) REFERENCES evaluation (equivalence, version),
    CHECK ((opinion IS NULL) = (given_by IS NULL)),
    CHECK ((opinion IS NULL) = (given_at IS NULL))
);
CREATE INDEX evaluation_opinion_party ON evaluation_opinion (party);

-- What was done, in order; never changed (see the triggers), and kept when a draft is written anew.
CREATE TABLE evaluation_step (
    equivalence TEXT NOT NULL,
    version     INTEGER NOT NULL,
    seq         INTEGER NOT NULL CHECK (seq >= 1),
    action      TEXT NOT NULL CHECK (action <> ''),
    from_state  TEXT NOT NULL,
    to_state    TEXT NOT NULL,
    actor       TEXT NOT NULL CHECK (actor <> ''),
    institution TEXT NOT NULL,
    at          BIGINT NOT NULL,
    subject     TEXT NOT NULL,
    opinion     TEXT NOT NULL,
    text        TEXT NOT NULL,
    reasons     TEXT NOT NULL,
    condition   TEXT NOT NULL,
    PRIMARY KEY (equivalence, version, seq)
);

-- What somebody asks to be done with a version that is published; another decides.
CREATE TABLE evaluation_halt (
    equivalence TEXT NOT NULL,
    version     INTEGER NOT NULL,
    seq         INTEGER NOT NULL CHECK (seq >= 1),
    kind        TEXT NOT NULL CHECK (kind IN ('suspend', 'resume', 'end')),
    last_day    INTEGER,
    reasons     TEXT NOT NULL,
    text        TEXT NOT NULL,
    asked_by    TEXT NOT NULL CHECK (asked_by <> ''),
    institution TEXT NOT NULL,
    asked_at    BIGINT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'declined', 'withdrawn')),
    decided_by  TEXT,
    decided_at  BIGINT,
    answer      TEXT NOT NULL,
    PRIMARY KEY (equivalence, version, seq),
    FOREIGN KEY (equivalence, version) REFERENCES evaluation (equivalence, version),
    CHECK ((kind = 'end') = (last_day IS NOT NULL)),
    CHECK ((state = 'open') = (decided_by IS NULL)),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK (state NOT IN ('confirmed', 'declined') OR decided_by <> asked_by)
);
CREATE UNIQUE INDEX evaluation_halt_open ON evaluation_halt (equivalence, version) WHERE state = 'open';

-- What holds a published version back, which itself is never edited: it does not serve while it is suspended, nor what was completed after ends_on.
CREATE TABLE equivalence_halt (
    equivalence TEXT NOT NULL,
    version     INTEGER NOT NULL,
    suspended   BOOLEAN NOT NULL,
    ends_on     INTEGER,
    PRIMARY KEY (equivalence, version),
    FOREIGN KEY (equivalence, version) REFERENCES equivalence (code, version)
);

-- Learners ask that a course be judged. What they write is sealed.
CREATE TABLE evaluation_request (
    learner        TEXT NOT NULL REFERENCES learner (account),
    id             TEXT NOT NULL CHECK (length(id) BETWEEN 8 AND 40),
    institution    TEXT NOT NULL,
    course         TEXT NOT NULL,
    to_institution TEXT NOT NULL,
    to_programme   TEXT NOT NULL,
    to_course      TEXT NOT NULL,
    text           BYTEA,
    state          TEXT NOT NULL CHECK (state IN ('open', 'linked', 'answered', 'declined', 'withdrawn')),
    made_at        BIGINT NOT NULL,
    equivalence    TEXT,
    version        INTEGER,
    answered_by    TEXT,
    answered_at    BIGINT,
    answer         TEXT NOT NULL,
    PRIMARY KEY (learner, id),
    FOREIGN KEY (institution, course) REFERENCES course (institution, code),
    FOREIGN KEY (to_institution, to_programme) REFERENCES programme (institution, code),
    CHECK ((equivalence IS NULL) = (version IS NULL)),
    CHECK ((state IN ('answered', 'declined')) = (answered_at IS NOT NULL))
);
CREATE UNIQUE INDEX evaluation_request_id ON evaluation_request (id);
CREATE INDEX evaluation_request_to ON evaluation_request (to_institution, state, made_at);
CREATE INDEX evaluation_request_from ON evaluation_request (institution, course, state);
-- The same thing is asked once at a time.
CREATE UNIQUE INDEX evaluation_request_once ON evaluation_request (learner, institution, course, to_institution, to_programme, to_course)
    WHERE state IN ('open', 'linked');

-- What there is already: drafts to be judged, and what was published without.
INSERT INTO evaluation (equivalence, version, state, origin, why, proposed_by, institution, round, made_at, moved_at, answer, reasons, condition, preview)
    SELECT e.code, e.version, CASE WHEN e.state = 'draft' THEN 'draft'
            WHEN EXISTS (SELECT 1 FROM equivalence l WHERE l.code = e.code AND l.version > e.version AND l.state = 'published') THEN 'superseded'
            ELSE 'published' END,
        'import', '', 'operator', '', 1, e.created_at, coalesce(e.published_at, e.created_at), '', '', '', ''
    FROM equivalence e;

CREATE INDEX evaluation_decided ON evaluation (decided_at) WHERE decided_at IS NOT NULL;
