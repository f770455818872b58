-- Recognition of prior learning: what somebody can already, held against the outcomes of one course of a programme. What people type is sealed.

-- learner is whose it is, after a merge of two accounts another one than account, under which it was made. seq is the version of the course.
-- round 1 is the first look, 2 the appeal to the school, 3 the appeal to the bank.
CREATE TABLE prior_learning (
    id           TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    learner      TEXT NOT NULL REFERENCES learner (account),
    account      TEXT NOT NULL REFERENCES learner (account),
    institution  TEXT NOT NULL,
    programme    TEXT NOT NULL,
    course       TEXT NOT NULL,
    seq          INTEGER NOT NULL,
    credits      BIGINT NOT NULL CHECK (credits BETWEEN 0 AND 999999),
    state        TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'assigned', 'assessed', 'granted', 'refused', 'withdrawn', 'revoked')),
    round        INTEGER NOT NULL CHECK (round BETWEEN 1 AND 3),
    stamp        TEXT NOT NULL CHECK (stamp <> ''),
    texts        BYTEA,
    made_by      TEXT NOT NULL CHECK (made_by <> ''),
    made_at      BIGINT NOT NULL,
    changed_at   BIGINT NOT NULL CHECK (changed_at >= made_at),
    submitted_at BIGINT,
    decided_at   BIGINT,
    FOREIGN KEY (institution, programme) REFERENCES programme (institution, code),
    FOREIGN KEY (institution, course) REFERENCES course (institution, code),
    CHECK (state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL),
    CHECK (state NOT IN ('granted', 'refused', 'revoked') OR decided_at IS NOT NULL)
);
CREATE INDEX prior_learning_learner ON prior_learning (learner, changed_at);
CREATE INDEX prior_learning_account ON prior_learning (account);
CREATE INDEX prior_learning_school ON prior_learning (institution, state, submitted_at);
-- One course is asked for once at a time.
CREATE UNIQUE INDEX prior_learning_once ON prior_learning (learner, institution, course) WHERE state IN ('draft', 'submitted', 'assigned', 'assessed');

-- An outcome of the course as it was published when the portfolio was made.
CREATE TABLE prior_outcome (
    prior_learning TEXT NOT NULL REFERENCES prior_learning (id) ON DELETE CASCADE,
    n              INTEGER NOT NULL CHECK (n >= 1),
    competence     TEXT NOT NULL CHECK (competence <> ''),
    level          INTEGER CHECK (level BETWEEN 1 AND 10),
    outcome        TEXT NOT NULL,
    PRIMARY KEY (prior_learning, n)
);

-- What an assessor found, in each round. percents says for each outcome how far it is met, as JSON, once it is judged.
CREATE TABLE prior_judgement (
    prior_learning TEXT NOT NULL REFERENCES prior_learning (id),
    round          INTEGER NOT NULL CHECK (round BETWEEN 1 AND 3),
    assessor       TEXT NOT NULL CHECK (assessor <> ''),
    assigned_by    TEXT NOT NULL CHECK (assigned_by <> ''),
    assigned_at    BIGINT NOT NULL,
    made_at        BIGINT,
    percents       TEXT NOT NULL,
    notes          BYTEA,
    seen_by        TEXT NOT NULL CHECK (seen_by IN ('', 'interview', 'test', 'demonstration')),
    seen_on        INTEGER,
    PRIMARY KEY (prior_learning, round),
    CHECK ((percents = '') = (made_at IS NULL)),
    CHECK ((seen_by = '') = (seen_on IS NULL))
);
CREATE INDEX prior_judgement_assessor ON prior_judgement (assessor);

-- Why somebody does not accept the decision of the round before.
CREATE TABLE prior_appeal (
    prior_learning TEXT NOT NULL REFERENCES prior_learning (id),
    round          INTEGER NOT NULL CHECK (round BETWEEN 2 AND 3),
    text           BYTEA,
    made_by        TEXT NOT NULL CHECK (made_by <> ''),
    made_at        BIGINT NOT NULL,
    PRIMARY KEY (prior_learning, round)
);

-- A decision that was posted. Its id is a digest of content; frozen is what the engine was asked, and answered (docs/engine.md).
CREATE TABLE prior_decision (
    id             TEXT PRIMARY KEY CHECK (length(id) = 40),
    prior_learning TEXT NOT NULL REFERENCES prior_learning (id),
    round          INTEGER NOT NULL CHECK (round BETWEEN 1 AND 3),
    outcome        TEXT NOT NULL CHECK (outcome IN ('granted', 'refused')),
    content        TEXT NOT NULL,
    frozen         TEXT NOT NULL,
    texts          BYTEA,
    made_by        TEXT NOT NULL CHECK (made_by <> ''),
    institution    TEXT NOT NULL,
    made_at        BIGINT NOT NULL,
    UNIQUE (prior_learning, round)
);
