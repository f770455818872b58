-- What is published is never edited; the audit log is append-only.
CREATE TRIGGER equivalence_published_update BEFORE UPDATE ON equivalence WHEN OLD.state = 'published'
BEGIN SELECT RAISE(ABORT, 'a published equivalence is never edited'); END;
CREATE TRIGGER equivalence_published_delete BEFORE DELETE ON equivalence WHEN OLD.state = 'published'
BEGIN SELECT RAISE(ABORT, 'a published equivalence is never deleted'); END;

CREATE TRIGGER equivalence_source_lasting_insert BEFORE INSERT ON equivalence_source
WHEN (SELECT state FROM equivalence WHERE code = NEW.equivalence AND version = NEW.version) = 'published'
BEGIN SELECT RAISE(ABORT, 'a published equivalence is never edited'); END;
CREATE TRIGGER equivalence_source_lasting_update BEFORE UPDATE ON equivalence_source
WHEN (SELECT state FROM equivalence WHERE code = OLD.equivalence AND version = OLD.version) = 'published'
BEGIN SELECT RAISE(ABORT, 'a published equivalence is never edited'); END;
CREATE TRIGGER equivalence_source_lasting_delete BEFORE DELETE ON equivalence_source
WHEN (SELECT state FROM equivalence WHERE code = OLD.equivalence AND version = OLD.version) = 'published'
BEGIN SELECT RAISE(ABORT, 'a published equivalence is never edited'); END;

CREATE TRIGGER equivalence_target_lasting_insert BEFORE INSERT ON equivalence_target
WHEN (SELECT state FROM equivalence WHERE code = NEW.equivalence AND version = NEW.version) = 'published'
BEGIN SELECT RAISE(ABORT, 'a published equivalence is never edited'); END;
CREATE TRIGGER equivalence_target_lasting_update BEFORE UPDATE ON equivalence_target
WHEN (SELECT state FROM equivalence WHERE code = OLD.equivalence AND version = OLD.version) = 'published'
BEGIN SELECT RAISE(ABORT, 'a published equivalence is never edited'); END;
CREATE TRIGGER equivalence_target_lasting_delete BEFORE DELETE ON equivalence_target
WHEN (SELECT state FROM equivalence WHERE code = OLD.equivalence AND version = OLD.version) = 'published'
BEGIN SELECT RAISE(ABORT, 'a published equivalence is never edited'); END;

CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append only'); END;
