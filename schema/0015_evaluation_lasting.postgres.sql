-- What was done in a judging is never changed.
CREATE TRIGGER evaluation_step_lasting BEFORE UPDATE OR DELETE ON evaluation_step FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evaluation_step_truncate BEFORE TRUNCATE ON evaluation_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
