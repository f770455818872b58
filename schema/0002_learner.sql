-- Learners and their results. Rows that belong to a learner carry the learner's key first.

CREATE TABLE learner (
    account       TEXT PRIMARY KEY CHECK (length(account) BETWEEN 1 AND 40),
    name          TEXT NOT NULL CHECK (name <> ''),
    id_type       TEXT NOT NULL CHECK (id_type IN ('resident_id', 'passport', 'hk_macao_permit', 'taiwan_permit', 'residence_permit', 'other', '')),
    id_number     TEXT,
    school_number TEXT,
    birth_date    INTEGER,
    gender        TEXT NOT NULL CHECK (gender IN ('', 'male', 'female', 'other')),
    institution   TEXT REFERENCES institution (code),
    programme     TEXT,
    entered_on    INTEGER,
    phone         TEXT NOT NULL,
    email         TEXT NOT NULL,
    FOREIGN KEY (institution, programme) REFERENCES programme (institution, code),
    CHECK ((id_type = '') = (id_number IS NULL)),
    UNIQUE (id_type, id_number),
    UNIQUE (school_number)
);

CREATE TABLE record (
    learner      TEXT NOT NULL REFERENCES learner (account),
    institution  TEXT NOT NULL,
    reference    TEXT NOT NULL CHECK (length(reference) BETWEEN 1 AND 80),
    kind         TEXT NOT NULL CHECK (kind IN ('course', 'certificate', 'contest', 'exam', 'work', 'experience')),
    course       TEXT NOT NULL,
    title        TEXT NOT NULL,
    grade        TEXT NOT NULL,
    scale        TEXT NOT NULL,
    score        INTEGER CHECK (score BETWEEN 0 AND 100000),
    passed       BOOLEAN NOT NULL,
    credits      BIGINT CHECK (credits BETWEEN 0 AND 999999),
    hours        BIGINT CHECK (hours BETWEEN 0 AND 999999900),
    level        INTEGER CHECK (level BETWEEN 1 AND 10),
    completed_on INTEGER NOT NULL,
    term         TEXT NOT NULL,
    PRIMARY KEY (learner, institution, reference),
    UNIQUE (institution, reference),
    FOREIGN KEY (institution, course) REFERENCES course (institution, code),
    CHECK ((grade = '') = (score IS NULL)),
    CHECK (grade <> '' OR passed)
);

-- Results that were used before the bank opened: they count nowhere else.
CREATE TABLE record_use (
    learner          TEXT NOT NULL,
    institution      TEXT NOT NULL,
    reference        TEXT NOT NULL,
    used_institution TEXT NOT NULL,
    used_programme   TEXT NOT NULL,
    used_on          INTEGER NOT NULL,
    note             TEXT NOT NULL,
    PRIMARY KEY (learner, institution, reference),
    FOREIGN KEY (learner, institution, reference) REFERENCES record (learner, institution, reference),
    FOREIGN KEY (used_institution, used_programme) REFERENCES programme (institution, code)
);
