-- Who made a token, and the last day on which it was used.
ALTER TABLE token ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN used_on INTEGER;
