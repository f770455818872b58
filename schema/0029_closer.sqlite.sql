-- Fewer trees to write for a deposit. The results of a learner lie together, in the order of their key.
CREATE TABLE record_closer (
    learner              TEXT NOT NULL REFERENCES learner (account),
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
    FOREIGN KEY (institution, course) REFERENCES course (institution, code),
    CHECK ((grade = '') = (score IS NULL)),
    CHECK (grade <> '' OR passed)
) WITHOUT ROWID;
INSERT INTO record_closer (learner, institution, reference, kind, course, title, grade, scale, score, passed, credits, hours, level, completed_on, term,
    standing, standing_institution, standing_programme, deposited, worth, last_entry, salt, valid_to)
SELECT learner, institution, reference, kind, course, title, grade, scale, score, passed, credits, hours, level, completed_on, term,
    standing, standing_institution, standing_programme, deposited, worth, last_entry, salt, valid_to FROM record ORDER BY learner, institution, reference;
DROP TABLE record;
ALTER TABLE record_closer RENAME TO record;
CREATE INDEX record_valid ON record (valid_to) WHERE valid_to IS NOT NULL AND standing = 'available';

-- Answers are forgotten in the order in which they came.
CREATE TABLE idempotency_numbered (
    number      INTEGER PRIMARY KEY,
    actor       TEXT NOT NULL CHECK (actor <> ''),
    request_key TEXT NOT NULL CHECK (length(request_key) BETWEEN 1 AND 255),
    operation   TEXT NOT NULL CHECK (operation <> ''),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    answer      BLOB NOT NULL,
    at          BIGINT NOT NULL,
    UNIQUE (actor, request_key)
);
INSERT INTO idempotency_numbered (actor, request_key, operation, fingerprint, answer, at)
SELECT actor, request_key, operation, fingerprint, answer, at FROM idempotency ORDER BY at;
DROP TABLE idempotency;
ALTER TABLE idempotency_numbered RENAME TO idempotency;
