-- Learners: what is personal is sealed (sealed: one text, see docs/personal-data.md), and an account that was erased stays without it.
-- What banks kept in plain text is sealed when the bank is next opened with its master key, and removed from here. The line
-- without an account stays until nothing of it is left in the file.
CREATE TABLE learner_plain (
    account       TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    id_type       TEXT NOT NULL,
    id_number     TEXT NOT NULL,
    school_number TEXT NOT NULL,
    birth_date    INTEGER NOT NULL,
    gender        TEXT NOT NULL,
    phone         TEXT NOT NULL,
    email         TEXT NOT NULL
);
INSERT INTO learner_plain (account, name, id_type, id_number, school_number, birth_date, gender, phone, email)
SELECT account, name, id_type, coalesce(id_number, ''), coalesce(school_number, ''), coalesce(birth_date, -2147483648), gender, phone, email FROM learner;
INSERT INTO learner_plain (account, name, id_type, id_number, school_number, birth_date, gender, phone, email)
SELECT '', '', '', '', '', -2147483648, '', '', '' WHERE EXISTS (SELECT 1 FROM learner);

-- SQLite cannot drop columns that constraints name: the table is made anew. Keys of other tables name it by its name.
CREATE TABLE learner_sealed (
    account     TEXT PRIMARY KEY CHECK (length(account) BETWEEN 1 AND 40),
    institution TEXT REFERENCES institution (code),
    programme   TEXT,
    entered_on  INTEGER,
    sealed      BYTEA,
    erased_at   BIGINT,
    FOREIGN KEY (institution, programme) REFERENCES programme (institution, code),
    CHECK (sealed IS NULL OR erased_at IS NULL)
);
INSERT INTO learner_sealed (account, institution, programme, entered_on) SELECT account, institution, programme, entered_on FROM learner;
DROP TABLE learner;
ALTER TABLE learner_sealed RENAME TO learner;
CREATE INDEX learner_institution ON learner (institution);

-- Digests by which a learner is found. A number is one learner's alone.
CREATE TABLE learner_index (
    learner TEXT NOT NULL REFERENCES learner (account),
    field   TEXT NOT NULL CHECK (field IN ('id_number', 'school_number', 'name', 'phone', 'email')),
    digest  BYTEA NOT NULL CHECK (length(digest) = 16),
    PRIMARY KEY (learner, field)
);
CREATE INDEX learner_index_digest ON learner_index (digest);
CREATE UNIQUE INDEX learner_index_number ON learner_index (field, digest) WHERE field IN ('id_number', 'school_number');
