-- A random text that is another one for every change of the map. The number alone comes back when a bank is set back to an older state.
ALTER TABLE map_version ADD COLUMN stamp TEXT NOT NULL DEFAULT '';
UPDATE map_version SET stamp = gen_random_uuid()::text;
