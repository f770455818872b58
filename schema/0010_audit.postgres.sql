-- The audit log says about whom, from where and why, and each row is chained to those before it (docs/ledger-format.md).
-- The program copies the rows of before with their links, in the transaction of this file.
DROP TRIGGER audit_lasting ON audit;
DROP TRIGGER audit_truncate ON audit;
ALTER TABLE audit RENAME TO audit_before;
ALTER INDEX audit_pkey RENAME TO audit_before_pkey;
CREATE TABLE audit (
    seq         BIGINT PRIMARY KEY CHECK (seq >= 1),
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
    link        BYTEA NOT NULL CHECK (length(link) = 32)
);
CREATE INDEX audit_subject ON audit (subject, actor, seq);
CREATE INDEX audit_object ON audit (object, seq);
CREATE INDEX audit_actor ON audit (actor, seq);

CREATE TRIGGER audit_lasting BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A checkpoint signs both logs: a later one is longer in one of them and shorter in none. 0: it says nothing of the audit log.
ALTER TABLE checkpoint ADD COLUMN audit BIGINT NOT NULL DEFAULT 0 CHECK (audit >= 0);
ALTER TABLE checkpoint ALTER COLUMN audit DROP DEFAULT;
ALTER TABLE checkpoint DROP CONSTRAINT checkpoint_pkey;
ALTER TABLE checkpoint ADD PRIMARY KEY (size, audit);

CREATE FUNCTION refuse_shorter_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT size, audit FROM checkpoint ORDER BY size DESC, audit DESC LIMIT 1) AS newest
        WHERE NEW.size < newest.size OR NEW.audit < newest.audit OR (NEW.size = newest.size AND NEW.audit = newest.audit)) THEN
        RAISE EXCEPTION 'checkpoint is append only' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $fn$;
CREATE TRIGGER checkpoint_insert BEFORE INSERT ON checkpoint FOR EACH ROW EXECUTE FUNCTION refuse_shorter_checkpoint();
