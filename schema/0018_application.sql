-- A learner's requests to carry a plan out, what schools decide about them, and the second looks. What people type is sealed.

-- learner is whose it is, after a merge of two accounts another one than account, under which it was made.
-- refs names the results of frozen, as JSON.
-- frozen is the plan as it was submitted, with all that it rests on (docs/engine.md); chosen the same for the items that were chosen, where these are not the whole plan.
CREATE TABLE application (
    id           TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    learner      TEXT NOT NULL REFERENCES learner (account),
    account      TEXT NOT NULL REFERENCES learner (account),
    institution  TEXT NOT NULL,
    programme    TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'decided', 'appealed', 'withdrawn')),
    stamp        TEXT NOT NULL CHECK (stamp <> ''),
    note         BYTEA,
    map_version  BIGINT NOT NULL,
    as_of        INTEGER NOT NULL,
    frozen       TEXT,
    chosen       TEXT,
    refs         TEXT,
    covered      BOOLEAN NOT NULL,
    made_by      TEXT NOT NULL CHECK (made_by <> ''),
    made_at      BIGINT NOT NULL,
    changed_at   BIGINT NOT NULL CHECK (changed_at >= made_at),
    submitted_at BIGINT,
    decided_at   BIGINT,
    assignee     TEXT,
    redeemed_at  BIGINT,
    FOREIGN KEY (institution, programme) REFERENCES programme (institution, code),
    CHECK ((submitted_at IS NULL) = (frozen IS NULL)),
    CHECK (state <> 'draft' OR frozen IS NULL),
    CHECK (state NOT IN ('submitted', 'decided', 'appealed') OR frozen IS NOT NULL),
    CHECK (state NOT IN ('decided', 'appealed') OR decided_at IS NOT NULL)
);
CREATE INDEX application_learner ON application (learner, changed_at);
CREATE INDEX application_account ON application (account);
CREATE INDEX application_school ON application (institution, state, submitted_at);
-- One programme is asked once at a time.
CREATE UNIQUE INDEX application_once ON application (learner, institution, programme) WHERE state IN ('draft', 'submitted');

-- One equivalence of a plan that is asked for. credits and awards are what the plan gives; given and given_awards what the school does.
-- decision is the last one about it; until_on the last day of a condition.
CREATE TABLE application_item (
    application  TEXT NOT NULL REFERENCES application (id) ON DELETE CASCADE,
    item         INTEGER NOT NULL CHECK (item >= 0),
    equivalence  TEXT NOT NULL,
    version      INTEGER NOT NULL,
    via          TEXT NOT NULL,
    credits      BIGINT NOT NULL CHECK (credits >= 0),
    awards       TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'full', 'alternative', 'partial', 'conditional', 'refused')),
    given        BIGINT NOT NULL CHECK (given >= 0),
    given_awards TEXT NOT NULL,
    decision     TEXT,
    until_on     INTEGER,
    appeals      INTEGER NOT NULL CHECK (appeals BETWEEN 0 AND 2),
    PRIMARY KEY (application, item),
    CHECK ((state = 'open') = (decision IS NULL)),
    CHECK ((state = 'conditional') = (until_on IS NOT NULL))
);
CREATE INDEX application_item_rule ON application_item (equivalence, state);
CREATE INDEX application_item_until ON application_item (until_on) WHERE until_on IS NOT NULL;

-- Which results an item takes, and what each is worth by the last decision in favour.
CREATE TABLE application_record (
    application TEXT NOT NULL,
    item        INTEGER NOT NULL,
    institution TEXT NOT NULL,
    reference   TEXT NOT NULL,
    worth       BIGINT CHECK (worth >= 0),
    PRIMARY KEY (application, institution, reference),
    FOREIGN KEY (application, item) REFERENCES application_item (application, item) ON DELETE CASCADE
);
CREATE INDEX application_record_result ON application_record (institution, reference);

-- A decision that was posted. Its id is a digest of content; texts are sealed.
CREATE TABLE decision (
    id          TEXT PRIMARY KEY CHECK (length(id) = 40),
    application TEXT NOT NULL REFERENCES application (id),
    number      INTEGER NOT NULL CHECK (number >= 1),
    kind        TEXT NOT NULL CHECK (kind IN ('first', 'condition', 'appeal', 'correction')),
    content     TEXT NOT NULL,
    texts       BYTEA,
    made_by     TEXT NOT NULL CHECK (made_by <> ''),
    institution TEXT NOT NULL,
    made_at     BIGINT NOT NULL,
    UNIQUE (application, number)
);

-- A second look: level 1 by another person of the school, 2 by the bank. items are their numbers as JSON.
CREATE TABLE appeal (
    id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    application TEXT NOT NULL REFERENCES application (id),
    level       INTEGER NOT NULL CHECK (level IN (1, 2)),
    items       TEXT NOT NULL,
    text        BYTEA,
    state       TEXT NOT NULL CHECK (state IN ('open', 'decided', 'withdrawn')),
    made_by     TEXT NOT NULL CHECK (made_by <> ''),
    made_at     BIGINT NOT NULL,
    decision    TEXT REFERENCES decision (id),
    ended_at    BIGINT,
    CHECK ((state = 'open') = (ended_at IS NULL)),
    CHECK ((state = 'decided') = (decision IS NOT NULL))
);
CREATE UNIQUE INDEX appeal_once ON appeal (application) WHERE state = 'open';
CREATE INDEX appeal_open ON appeal (level, made_at) WHERE state = 'open';

-- What was built on a result that its issuer revokes: the school that took it decides what becomes of it.
CREATE TABLE consequence (
    id           TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    application  TEXT NOT NULL,
    item         INTEGER NOT NULL,
    institution  TEXT NOT NULL,
    reference    TEXT NOT NULL,
    proposal     TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'kept', 'reversed')),
    made_at      BIGINT NOT NULL,
    decided_by   TEXT,
    decided_at   BIGINT,
    text         BYTEA,
    FOREIGN KEY (application, item) REFERENCES application_item (application, item),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL))
);
CREATE UNIQUE INDEX consequence_once ON consequence (application, item, institution, reference) WHERE state = 'open';

-- After how many days a school lets those pass that published rules wholly cover; no row: never.
CREATE TABLE application_pass (
    institution TEXT PRIMARY KEY REFERENCES institution (code),
    days        INTEGER NOT NULL CHECK (days BETWEEN 1 AND 60),
    set_by      TEXT NOT NULL,
    set_at      BIGINT NOT NULL
);

-- A token may let a school's system apply for its learners, and decide.
ALTER TABLE token ADD COLUMN may_apply BOOLEAN NOT NULL DEFAULT FALSE;
