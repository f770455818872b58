-- What was signed by all is never changed; only that a later version replaced it is noted.
CREATE FUNCTION agreement_signed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NULL THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'signed' AND NEW.state = 'replaced' AND NEW.content = OLD.content AND NEW.hash = OLD.hash AND NEW.frozen_at = OLD.frozen_at
        AND NEW.id = OLD.id AND NEW.version = OLD.version AND NEW.entered_from = OLD.entered_from AND NEW.entered_to = OLD.entered_to THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'signed';
END $$;
CREATE TRIGGER agreement_stays BEFORE UPDATE OR DELETE ON agreement FOR EACH ROW EXECUTE FUNCTION agreement_signed_stays();
CREATE FUNCTION agreement_part_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE part RECORD;
BEGIN
    IF TG_OP = 'INSERT' THEN part := NEW; ELSE part := OLD; END IF;
    IF EXISTS (SELECT 1 FROM agreement a WHERE a.id = part.agreement AND a.version = part.version AND a.frozen_at IS NOT NULL) THEN
        RAISE EXCEPTION 'signed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER agreement_party_stays BEFORE INSERT OR UPDATE OR DELETE ON agreement_party FOR EACH ROW EXECUTE FUNCTION agreement_part_stays();
CREATE TRIGGER agreement_rule_stays BEFORE INSERT OR UPDATE OR DELETE ON agreement_rule FOR EACH ROW EXECUTE FUNCTION agreement_part_stays();
CREATE TRIGGER agreement_truncate BEFORE TRUNCATE ON agreement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER agreement_party_truncate BEFORE TRUNCATE ON agreement_party FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER agreement_rule_truncate BEFORE TRUNCATE ON agreement_rule FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
