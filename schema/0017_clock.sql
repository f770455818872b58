-- Days that are not what their weekday says: off, or worked though it is a weekend.
CREATE TABLE holiday (
    day  INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('off', 'work')),
    name TEXT NOT NULL CHECK (name <> '')
);

-- Periods in which somebody has to do something. institution NULL: the bank itself. learner: whose matter it is. due is the last day.
-- reminded: before how many working days the last reminder was; 0: none was yet.
CREATE TABLE clock (
    id           TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    kind         TEXT NOT NULL CHECK (kind <> ''),
    object       TEXT NOT NULL CHECK (object <> ''),
    institution  TEXT REFERENCES institution (code),
    learner      TEXT REFERENCES learner (account),
    started_at   BIGINT NOT NULL,
    due          INTEGER NOT NULL,
    reminded     INTEGER NOT NULL CHECK (reminded >= 0),
    escalated_at BIGINT CHECK (escalated_at >= started_at),
    stopped_at   BIGINT CHECK (stopped_at >= started_at)
);
CREATE UNIQUE INDEX clock_once ON clock (kind, object, coalesce(institution, '')) WHERE stopped_at IS NULL;
CREATE INDEX clock_due ON clock (due) WHERE stopped_at IS NULL;
CREATE INDEX clock_object ON clock (object);
CREATE INDEX clock_institution ON clock (institution, started_at);

-- What somebody is told, one row for each who is: a learner, or a login at one of its places. args is JSON of codes, numbers
-- and days, and holds nothing personal.
CREATE TABLE message (
    id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    learner     TEXT REFERENCES learner (account),
    login       TEXT REFERENCES login (id) ON DELETE CASCADE,
    institution TEXT,
    kind        TEXT NOT NULL CHECK (kind <> ''),
    object      TEXT NOT NULL CHECK (object LIKE '/%'),
    args        TEXT NOT NULL,
    made_at     BIGINT NOT NULL,
    read_at     BIGINT CHECK (read_at >= made_at),
    CHECK ((learner IS NULL) = (login IS NOT NULL))
);
CREATE INDEX message_learner ON message (learner, made_at) WHERE learner IS NOT NULL;
CREATE INDEX message_login ON message (login, made_at) WHERE login IS NOT NULL;

-- Letters that are to go out, one for a message: its number is the key that keeps a letter from being made twice. No address
-- stands here: it is looked up when the letter goes. holder has it in hand until next_at.
CREATE TABLE outbox (
    message  TEXT PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    state    TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dropped')),
    tries    INTEGER NOT NULL CHECK (tries >= 0),
    next_at  BIGINT NOT NULL,
    made_at  BIGINT NOT NULL,
    ended_at BIGINT,
    CHECK ((state = 'waiting') = (ended_at IS NULL))
);
CREATE INDEX outbox_next ON outbox (next_at) WHERE state = 'waiting';

-- Who wants no letters.
CREATE TABLE mail_refusal (
    login TEXT PRIMARY KEY REFERENCES login (id) ON DELETE CASCADE,
    at    BIGINT NOT NULL
);

-- What one process at a time does, and until when it says so.
CREATE TABLE lease (
    name     TEXT PRIMARY KEY,
    holder   TEXT NOT NULL,
    until_at BIGINT NOT NULL
);

-- What the bank chooses, where it is not as it came.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
