-- A file that is nobody's is kept as it came.
CREATE TRIGGER attachment_update BEFORE UPDATE ON attachment FOR EACH ROW WHEN (OLD.learner IS NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER attachment_delete BEFORE DELETE ON attachment FOR EACH ROW WHEN (OLD.learner IS NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER attachment_truncate BEFORE TRUNCATE ON attachment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
