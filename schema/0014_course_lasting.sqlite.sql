-- A file that is nobody's is kept as it came.
CREATE TRIGGER attachment_update BEFORE UPDATE ON attachment WHEN OLD.learner IS NULL BEGIN SELECT RAISE(ABORT, 'a file is kept as it came'); END;
CREATE TRIGGER attachment_delete BEFORE DELETE ON attachment WHEN OLD.learner IS NULL BEGIN SELECT RAISE(ABORT, 'a file is kept for good'); END;
