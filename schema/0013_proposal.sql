-- What takes two people: one proposes, another decides. args is JSON of accounts, codes and numbers, and holds nothing personal.
-- about is whom it is about: an account, or the name of an actor. institution is the school from which it comes, '' the bank.
CREATE TABLE proposal (
    id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    kind        TEXT NOT NULL CHECK (kind IN ('role', 'merge', 'reverse', 'policy', 'erase')),
    args        TEXT NOT NULL CHECK (args <> ''),
    reason      TEXT NOT NULL,
    proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
    institution TEXT NOT NULL,
    about       TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'withdrawn', 'ended')),
    made_at     BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL CHECK (ends_at > made_at),
    decided_by  TEXT,
    decided_at  BIGINT,
    answer      TEXT NOT NULL,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state IN ('open', 'ended')) = (decided_by IS NULL)),
    CHECK (state NOT IN ('approved', 'refused') OR decided_by <> proposed_by),
    CHECK (state NOT IN ('approved', 'refused') OR decided_by <> about)
);
-- The same thing is proposed once at a time.
CREATE UNIQUE INDEX proposal_once ON proposal (kind, args) WHERE state = 'open';
CREATE INDEX proposal_open ON proposal (ends_at) WHERE state = 'open';
CREATE INDEX proposal_about ON proposal (about);
