-- A bank that has an administrator keeps one; what was used, is used.
CREATE TRIGGER login_role_last_administrator BEFORE DELETE ON login_role
WHEN OLD.role = 'administrator' AND NOT EXISTS (SELECT 1 FROM login_role r JOIN login l ON l.id = r.login
    WHERE r.role = 'administrator' AND NOT l.disabled AND l.id <> OLD.login)
BEGIN SELECT RAISE(ABORT, 'the last administrator stays'); END;
CREATE TRIGGER login_role_lasting BEFORE UPDATE ON login_role
BEGIN SELECT RAISE(ABORT, 'a role is granted or revoked, never edited'); END;
CREATE TRIGGER login_last_administrator BEFORE UPDATE OF disabled ON login
WHEN NEW.disabled AND EXISTS (SELECT 1 FROM login_role r WHERE r.login = OLD.id AND r.role = 'administrator')
    AND NOT EXISTS (SELECT 1 FROM login_role r JOIN login l ON l.id = r.login
        WHERE r.role = 'administrator' AND NOT l.disabled AND l.id <> OLD.id)
BEGIN SELECT RAISE(ABORT, 'the last administrator stays'); END;
CREATE TRIGGER login_removed_administrator BEFORE DELETE ON login
WHEN EXISTS (SELECT 1 FROM login_role r WHERE r.login = OLD.id AND r.role = 'administrator')
BEGIN SELECT RAISE(ABORT, 'an administrator is no longer one before the login goes'); END;
CREATE TRIGGER login_totp_step BEFORE UPDATE OF totp_step ON login WHEN NEW.totp IS NOT NULL AND NEW.totp_step < OLD.totp_step
BEGIN SELECT RAISE(ABORT, 'a code is taken once'); END;
CREATE TRIGGER invitation_used BEFORE UPDATE ON invitation WHEN OLD.used_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an invitation is used once'); END;
CREATE TRIGGER session_ended BEFORE UPDATE ON session WHEN OLD.ended
BEGIN SELECT RAISE(ABORT, 'a session that ended stays so'); END;
