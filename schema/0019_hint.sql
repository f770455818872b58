-- What people have said about findings of the map's lint. id is a digest of what the finding says, so that it means the same finding as long as
-- the map has it. institution is who was told to mend it, NULL: the one that the map names; keeper the actor who looks after it, '' nobody.
CREATE TABLE finding_note (
    id             TEXT PRIMARY KEY CHECK (length(id) = 24),
    institution    TEXT REFERENCES institution (code),
    keeper         TEXT NOT NULL,
    accepted_until INTEGER,
    reason         TEXT NOT NULL,
    accepted_by    TEXT NOT NULL,
    noted_at       BIGINT NOT NULL,
    CHECK ((accepted_until IS NULL) = (reason = '')),
    CHECK ((accepted_until IS NULL) = (accepted_by = ''))
);

-- Suggestions of equivalences that somebody has found not apt; they are not made again. Those that were taken up are counted from what was begun from them.
CREATE TABLE suggestion_refusal (
    source_institution TEXT NOT NULL,
    source_course      TEXT NOT NULL,
    target_institution TEXT NOT NULL,
    target_course      TEXT NOT NULL,
    kind               TEXT NOT NULL CHECK (kind IN ('mirror', 'code', 'name', 'unit', 'similar')),
    reason             TEXT NOT NULL CHECK (reason <> ''),
    refused_by         TEXT NOT NULL CHECK (refused_by <> ''),
    institution        TEXT NOT NULL, -- of whoever refused it, '' the bank
    refused_at         BIGINT NOT NULL,
    PRIMARY KEY (source_institution, source_course, target_institution, target_course),
    FOREIGN KEY (source_institution, source_course) REFERENCES course (institution, code),
    FOREIGN KEY (target_institution, target_course) REFERENCES course (institution, code)
);
