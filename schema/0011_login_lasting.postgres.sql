-- A bank that has an administrator keeps one; what was used, is used.
CREATE FUNCTION refuse_last_administrator() RETURNS trigger LANGUAGE plpgsql AS $fn$
DECLARE
    who TEXT := CASE WHEN TG_TABLE_NAME = 'login' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(OLD) ->> 'login' END;
BEGIN
    IF EXISTS (SELECT 1 FROM login_role r WHERE r.login = who AND r.role = 'administrator')
       AND NOT EXISTS (SELECT 1 FROM login_role r JOIN login l ON l.id = r.login
            WHERE r.role = 'administrator' AND NOT l.disabled AND l.id <> who) THEN
        RAISE EXCEPTION 'the last administrator stays' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $fn$;

CREATE TRIGGER login_role_last_administrator BEFORE DELETE ON login_role FOR EACH ROW WHEN (OLD.role = 'administrator') EXECUTE FUNCTION refuse_last_administrator();
CREATE TRIGGER login_role_lasting BEFORE UPDATE ON login_role FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER login_role_truncate BEFORE TRUNCATE ON login_role FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER login_last_administrator BEFORE UPDATE OF disabled ON login FOR EACH ROW WHEN (NEW.disabled) EXECUTE FUNCTION refuse_last_administrator();
CREATE FUNCTION refuse_removed_administrator() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
    IF EXISTS (SELECT 1 FROM login_role r WHERE r.login = OLD.id AND r.role = 'administrator') THEN
        RAISE EXCEPTION 'an administrator is no longer one before the login goes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $fn$;
CREATE TRIGGER login_removed_administrator BEFORE DELETE ON login FOR EACH ROW EXECUTE FUNCTION refuse_removed_administrator();
CREATE TRIGGER login_totp_step BEFORE UPDATE OF totp_step ON login FOR EACH ROW WHEN (NEW.totp IS NOT NULL AND NEW.totp_step < OLD.totp_step) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invitation_used BEFORE UPDATE ON invitation FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER session_ended BEFORE UPDATE ON session FOR EACH ROW WHEN (OLD.ended) EXECUTE FUNCTION refuse_change();
