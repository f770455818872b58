-- The audit log says about whom, from where and why, and each row is chained to those before it (docs/ledger-format.md).
-- The program copies the rows of before with their links, in the transaction of this file.
DROP TRIGGER audit_update;
DROP TRIGGER audit_delete;
ALTER TABLE audit RENAME TO audit_before;
CREATE TABLE audit (
    seq         INTEGER PRIMARY KEY CHECK (seq >= 1),
    at          BIGINT NOT NULL,
    actor       TEXT NOT NULL CHECK (actor <> ''),
    role        TEXT NOT NULL,
    institution TEXT NOT NULL,
    origin      TEXT NOT NULL,
    action      TEXT NOT NULL CHECK (action <> ''),
    object      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    detail      TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    link        BLOB NOT NULL CHECK (length(link) = 32)
);
CREATE INDEX audit_subject ON audit (subject, actor, seq);
CREATE INDEX audit_object ON audit (object, seq);
CREATE INDEX audit_actor ON audit (actor, seq);

CREATE TRIGGER audit_insert BEFORE INSERT ON audit WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append only'); END;

-- A checkpoint signs both logs: a later one is longer in one of them and shorter in none. 0: it says nothing of the audit log.
DROP TRIGGER checkpoint_insert;
DROP TRIGGER checkpoint_update;
DROP TRIGGER checkpoint_delete;
ALTER TABLE checkpoint RENAME TO checkpoint_before;
CREATE TABLE checkpoint (
    size  BIGINT NOT NULL CHECK (size >= 0),
    audit BIGINT NOT NULL CHECK (audit >= 0),
    note  TEXT NOT NULL,
    at    BIGINT NOT NULL,
    PRIMARY KEY (size, audit)
);
INSERT INTO checkpoint (size, audit, note, at) SELECT size, 0, note, at FROM checkpoint_before;
DROP TABLE checkpoint_before;

CREATE TRIGGER checkpoint_insert BEFORE INSERT ON checkpoint
WHEN EXISTS (SELECT 1 FROM (SELECT size, audit FROM checkpoint ORDER BY size DESC, audit DESC LIMIT 1) AS newest
    WHERE NEW.size < newest.size OR NEW.audit < newest.audit OR (NEW.size = newest.size AND NEW.audit = newest.audit))
BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'append only'); END;
