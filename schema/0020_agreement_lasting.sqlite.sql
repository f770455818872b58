-- What was signed by all is never changed; only that a later version replaced it is noted.
CREATE TRIGGER agreement_update BEFORE UPDATE ON agreement WHEN OLD.frozen_at IS NOT NULL AND NOT (NEW.content = OLD.content AND NEW.hash = OLD.hash AND NEW.frozen_at = OLD.frozen_at
    AND NEW.id = OLD.id AND NEW.version = OLD.version AND NEW.entered_from = OLD.entered_from AND NEW.entered_to = OLD.entered_to AND OLD.state = 'signed' AND NEW.state = 'replaced')
    BEGIN SELECT RAISE(ABORT, 'signed'); END;
CREATE TRIGGER agreement_delete BEFORE DELETE ON agreement WHEN OLD.frozen_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'signed'); END;
CREATE TRIGGER agreement_party_update BEFORE UPDATE ON agreement_party WHEN EXISTS (SELECT 1 FROM agreement a WHERE a.id = OLD.agreement AND a.version = OLD.version AND a.frozen_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'signed'); END;
CREATE TRIGGER agreement_party_delete BEFORE DELETE ON agreement_party WHEN EXISTS (SELECT 1 FROM agreement a WHERE a.id = OLD.agreement AND a.version = OLD.version AND a.frozen_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'signed'); END;
CREATE TRIGGER agreement_party_insert BEFORE INSERT ON agreement_party WHEN EXISTS (SELECT 1 FROM agreement a WHERE a.id = NEW.agreement AND a.version = NEW.version AND a.frozen_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'signed'); END;
CREATE TRIGGER agreement_rule_update BEFORE UPDATE ON agreement_rule WHEN EXISTS (SELECT 1 FROM agreement a WHERE a.id = OLD.agreement AND a.version = OLD.version AND a.frozen_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'signed'); END;
CREATE TRIGGER agreement_rule_delete BEFORE DELETE ON agreement_rule WHEN EXISTS (SELECT 1 FROM agreement a WHERE a.id = OLD.agreement AND a.version = OLD.version AND a.frozen_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'signed'); END;
CREATE TRIGGER agreement_rule_insert BEFORE INSERT ON agreement_rule WHEN EXISTS (SELECT 1 FROM agreement a WHERE a.id = NEW.agreement AND a.version = NEW.version AND a.frozen_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'signed'); END;
