-- What is published is never edited; the audit log is append-only.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
    RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $fn$;

CREATE FUNCTION refuse_published_part() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
    IF TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM equivalence WHERE code = OLD.equivalence AND version = OLD.version AND state = 'published') THEN
        RAISE EXCEPTION 'a published equivalence is never edited' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF EXISTS (SELECT 1 FROM equivalence WHERE code = NEW.equivalence AND version = NEW.version AND state = 'published') THEN
        RAISE EXCEPTION 'a published equivalence is never edited' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $fn$;

CREATE TRIGGER equivalence_published_update BEFORE UPDATE ON equivalence FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER equivalence_published_delete BEFORE DELETE ON equivalence FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER equivalence_truncate BEFORE TRUNCATE ON equivalence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER equivalence_source_lasting BEFORE INSERT OR UPDATE OR DELETE ON equivalence_source FOR EACH ROW EXECUTE FUNCTION refuse_published_part();
CREATE TRIGGER equivalence_source_truncate BEFORE TRUNCATE ON equivalence_source FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER equivalence_target_lasting BEFORE INSERT OR UPDATE OR DELETE ON equivalence_target FOR EACH ROW EXECUTE FUNCTION refuse_published_part();
CREATE TRIGGER equivalence_target_truncate BEFORE TRUNCATE ON equivalence_target FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_lasting BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
