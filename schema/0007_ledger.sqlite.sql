-- The ledger: one row is one booking and cannot be unbalanced (docs/ledger-format.md). Append-only: see the triggers.
-- learner and joined say whose entry it is, so that a statement finds it: joined is the second learner of a merge.
CREATE TABLE entry (
    number      INTEGER PRIMARY KEY CHECK (number >= 0),
    batch       BIGINT NOT NULL CHECK (batch BETWEEN 0 AND number),
    kind        TEXT NOT NULL CHECK (kind IN ('deposit', 'hold', 'release', 'convert', 'redeem', 'reverse', 'expire', 'merge')),
    debit       TEXT NOT NULL,
    credit      TEXT NOT NULL CHECK (credit <> debit),
    amount      BIGINT NOT NULL CHECK (amount BETWEEN 0 AND 999999),
    institution TEXT NOT NULL,
    reference   TEXT NOT NULL,
    digest      BLOB CHECK (length(digest) = 32),
    reverses    BIGINT CHECK (reverses BETWEEN 0 AND number - 1),
    reason      TEXT NOT NULL CHECK (length(reason) <= 80),
    actor       TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 80),
    at          BIGINT NOT NULL CHECK (at > 0),
    cause_kind  TEXT NOT NULL,
    cause_id    TEXT NOT NULL,
    learner     TEXT NOT NULL CHECK (learner <> ''),
    joined      TEXT CHECK (joined <> learner),
    leaf        BLOB NOT NULL CHECK (length(leaf) = 32),
    CHECK (digest IS NULL OR kind = 'deposit'),
    CHECK ((kind = 'reverse') = (reverses IS NOT NULL)),
    CHECK ((cause_kind = '') = (cause_id = ''))
);
CREATE INDEX entry_record ON entry (institution, reference, number);
CREATE INDEX entry_learner ON entry (learner, number);
CREATE INDEX entry_joined ON entry (joined, number) WHERE joined IS NOT NULL;

-- The tree over the leaves: the hash of each full subtree of 256^level entries. The leaves themselves are in entry.
CREATE TABLE ledger_node (
    level  INTEGER NOT NULL CHECK (level BETWEEN 1 AND 7),
    number BIGINT NOT NULL CHECK (number >= 0),
    hash   BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, number)
) WITHOUT ROWID;

-- The signed heads that were given out, and the public keys, each with the size of the log from which on it signs.
CREATE TABLE checkpoint (
    size BIGINT PRIMARY KEY CHECK (size >= 0),
    note TEXT NOT NULL,
    at   BIGINT NOT NULL
);
CREATE TABLE ledger_key (
    from_size BIGINT PRIMARY KEY CHECK (from_size >= 0),
    public    TEXT NOT NULL UNIQUE
);

-- Accounts of a person who had two: what is said of the first is meant of the second.
CREATE TABLE learner_merge (
    account      TEXT PRIMARY KEY REFERENCES learner (account),
    into_account TEXT NOT NULL REFERENCES learner (account) CHECK (into_account <> account),
    at           BIGINT NOT NULL
);

-- Where a result stands by its last entry: kept in the transaction of the entries and held against them when the ledger is verified.
-- standing is '' while there is no deposit that holds.
ALTER TABLE record ADD COLUMN standing TEXT NOT NULL DEFAULT '' CHECK (standing IN ('', 'available', 'held', 'applied', 'redeemed', 'expired'));
ALTER TABLE record ADD COLUMN standing_institution TEXT;
ALTER TABLE record ADD COLUMN standing_programme TEXT;
ALTER TABLE record ADD COLUMN deposited BIGINT NOT NULL DEFAULT 0 CHECK (deposited BETWEEN 0 AND 999999);
ALTER TABLE record ADD COLUMN worth BIGINT NOT NULL DEFAULT 0 CHECK (worth BETWEEN 0 AND 999999);
ALTER TABLE record ADD COLUMN last_entry BIGINT;
-- With the salt the digest in the deposit shows that the result is what it was; without it the digest tells nothing.
ALTER TABLE record ADD COLUMN salt BLOB CHECK (length(salt) = 16);

-- Numbers follow on each other; what replaces a row would come with its number.
CREATE TRIGGER entry_insert BEFORE INSERT ON entry WHEN NEW.number <> (SELECT coalesce(max(number), -1) + 1 FROM entry)
BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER ledger_node_insert BEFORE INSERT ON ledger_node WHEN EXISTS (SELECT 1 FROM ledger_node WHERE level = NEW.level AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER checkpoint_insert BEFORE INSERT ON checkpoint WHEN NEW.size <= (SELECT max(size) FROM checkpoint)
BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER ledger_key_insert BEFORE INSERT ON ledger_key WHEN NEW.from_size <= (SELECT max(from_size) FROM ledger_key)
BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER entry_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER ledger_node_update BEFORE UPDATE ON ledger_node BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER ledger_node_delete BEFORE DELETE ON ledger_node BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER ledger_key_update BEFORE UPDATE ON ledger_key BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER ledger_key_delete BEFORE DELETE ON ledger_key BEGIN SELECT RAISE(ABORT, 'append only'); END;
