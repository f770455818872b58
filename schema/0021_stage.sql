-- Files that people bring to be taken in, on their way from the browser into the bank. Nothing personal stands in the rows themselves: columns is JSON
-- (names of the file's header to names of the contract), read_as and counts are JSON too. made_at .. are microseconds.
CREATE TABLE upload (
    id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    kind        TEXT NOT NULL CHECK (kind <> ''),
    institution TEXT NOT NULL,
    started_by  TEXT NOT NULL CHECK (started_by <> ''),
    state       TEXT NOT NULL CHECK (state IN ('staged', 'checked', 'committed', 'undone', 'dropped')),
    sheet       TEXT NOT NULL,
    header      TEXT NOT NULL,
    columns     TEXT NOT NULL,
    mend        TEXT NOT NULL,
    read_as     TEXT NOT NULL,
    size        BIGINT NOT NULL CHECK (size >= 0),
    row_count   BIGINT NOT NULL CHECK (row_count >= 0),
    counts      TEXT NOT NULL,
    job         TEXT NOT NULL,
    stamp       BIGINT NOT NULL,
    made_at     BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL CHECK (updated_at >= made_at)
);
CREATE INDEX upload_institution ON upload (institution, made_at);
CREATE INDEX upload_made ON upload (made_at);

-- The file, what was found wrong with it, what was mended in place and what an undoing needs, sealed in parts. They go with the commit, or after a week.
CREATE TABLE upload_part (
    upload TEXT NOT NULL REFERENCES upload (id),
    what   TEXT NOT NULL CHECK (what IN ('file', 'report', 'edits', 'undo')),
    seq    INTEGER NOT NULL CHECK (seq >= 0),
    sealed BYTEA NOT NULL,
    PRIMARY KEY (upload, what, seq)
);

-- Which column of a school's files is which, as they said it the last time.
CREATE TABLE upload_column (
    institution TEXT NOT NULL,
    kind        TEXT NOT NULL,
    header      TEXT NOT NULL,
    meant       TEXT NOT NULL,
    PRIMARY KEY (institution, kind, header)
);
