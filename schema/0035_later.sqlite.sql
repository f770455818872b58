-- What a result refers to is asked for at the commit: a statement of many results that could fail by it alone would
-- have SQLite keep a copy of each page before it.
CREATE TABLE record_later (
    learner              TEXT NOT NULL REFERENCES learner (account) DEFERRABLE INITIALLY DEFERRED,
    institution          TEXT NOT NULL,
    reference            TEXT NOT NULL CHECK (length(reference) BETWEEN 1 AND 80),
    kind                 TEXT NOT NULL CHECK (kind IN ('course', 'certificate', 'contest', 'exam', 'work', 'experience', 'prior_learning')),
    course               TEXT NOT NULL,
    title                TEXT NOT NULL,
    grade                TEXT NOT NULL,
    scale                TEXT NOT NULL,
    score                INTEGER CHECK (score BETWEEN 0 AND 100000),
    passed               BOOLEAN NOT NULL,
    credits              BIGINT CHECK (credits BETWEEN 0 AND 999999),
    hours                BIGINT CHECK (hours BETWEEN 0 AND 999999900),
    level                INTEGER CHECK (level BETWEEN 1 AND 10),
    completed_on         INTEGER NOT NULL,
    term                 TEXT NOT NULL,
    standing             TEXT NOT NULL DEFAULT '' CHECK (standing IN ('', 'available', 'held', 'applied', 'redeemed', 'expired')),
    standing_institution TEXT,
    standing_programme   TEXT,
    deposited            BIGINT NOT NULL DEFAULT 0 CHECK (deposited BETWEEN 0 AND 999999),
    worth                BIGINT NOT NULL DEFAULT 0 CHECK (worth BETWEEN 0 AND 999999),
    last_entry           BIGINT,
    salt                 BLOB CHECK (length(salt) = 16),
    valid_to             INTEGER,
    PRIMARY KEY (learner, institution, reference),
    UNIQUE (institution, reference),
    FOREIGN KEY (institution, course) REFERENCES course (institution, code) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((grade = '') = (score IS NULL)),
    CHECK (grade <> '' OR passed)
) WITHOUT ROWID;
INSERT INTO record_later (learner, institution, reference, kind, course, title, grade, scale, score, passed, credits, hours, level, completed_on, term,
    standing, standing_institution, standing_programme, deposited, worth, last_entry, salt, valid_to)
SELECT learner, institution, reference, kind, course, title, grade, scale, score, passed, credits, hours, level, completed_on, term,
    standing, standing_institution, standing_programme, deposited, worth, last_entry, salt, valid_to FROM record ORDER BY learner, institution, reference;
DROP TABLE record;
ALTER TABLE record_later RENAME TO record;
CREATE INDEX record_valid ON record (valid_to) WHERE valid_to IS NOT NULL AND standing = 'available';
