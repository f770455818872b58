-- What was done in a judging is never changed.
CREATE TRIGGER evaluation_step_update BEFORE UPDATE ON evaluation_step BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER evaluation_step_delete BEFORE DELETE ON evaluation_step BEGIN SELECT RAISE(ABORT, 'append only'); END;
