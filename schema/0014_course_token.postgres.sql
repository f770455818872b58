-- A third scope of tokens: courses and equivalences.
ALTER TABLE token ADD COLUMN may_map BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE token DROP CONSTRAINT token_check;
ALTER TABLE token ADD CONSTRAINT token_check CHECK (may_deposit OR may_read OR may_map);
