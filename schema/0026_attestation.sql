-- Results beyond courses: certificates, contests, exams, placements, tasters. What people type is sealed.

-- One version of one part of an exam, in whose course a candidate has at most so many points. A version holds from a day until the next one.
CREATE TABLE exam_part (
    exam        TEXT NOT NULL CHECK (length(exam) BETWEEN 1 AND 40),
    name        TEXT NOT NULL CHECK (name <> ''),
    valid_from  INTEGER NOT NULL,
    institution TEXT NOT NULL,
    course      TEXT NOT NULL,
    maximum     INTEGER NOT NULL CHECK (maximum BETWEEN 1 AND 100000),
    PRIMARY KEY (exam, valid_from, institution, course),
    FOREIGN KEY (institution, course) REFERENCES course (institution, code)
);
CREATE INDEX exam_part_course ON exam_part (institution, course, valid_from);

-- Until which day a result holds; NULL: nothing says so.
ALTER TABLE record ADD COLUMN valid_to INTEGER;
CREATE INDEX record_valid ON record (valid_to) WHERE valid_to IS NOT NULL AND standing = 'available';

-- A result that is handed in to be verified. institution issues it, or is where a placement is; course is one of its catalogue, of an exam its code.
-- handler decides, NULL: the bank. way: confirmed by the issuer, by evidence with an expert, or by a log that two mentors confirm.
-- Of an exam, level and hours are those of its courses; a placement has its hours, credits and days at its end.
CREATE TABLE attestation (
    learner      TEXT NOT NULL REFERENCES learner (account),
    id           TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 8 AND 40),
    kind         TEXT NOT NULL CHECK (kind <> ''),
    way          TEXT NOT NULL CHECK (way IN ('issuer', 'evidence', 'log')),
    state        TEXT NOT NULL CHECK (state IN ('logging', 'open', 'expert', 'ready', 'verified', 'refused', 'withdrawn')),
    stamp        TEXT NOT NULL CHECK (stamp <> ''),
    institution  TEXT NOT NULL REFERENCES institution (code),
    course       TEXT NOT NULL CHECK (course <> ''),
    handler      TEXT REFERENCES institution (code),
    reference    TEXT NOT NULL CHECK (length(reference) BETWEEN 1 AND 80),
    renews       BOOLEAN NOT NULL,
    content      BYTEA,
    level        INTEGER CHECK (level BETWEEN 1 AND 10),
    hours        BIGINT CHECK (hours BETWEEN 1 AND 999999900),
    credits      BIGINT CHECK (credits BETWEEN 0 AND 999999),
    completed_on INTEGER,
    valid_to     INTEGER CHECK (valid_to >= completed_on),
    endless      BOOLEAN NOT NULL,
    told_end     BOOLEAN NOT NULL DEFAULT FALSE,
    made_by      TEXT NOT NULL CHECK (made_by <> ''),
    made_at      BIGINT NOT NULL,
    changed_at   BIGINT NOT NULL CHECK (changed_at >= made_at),
    expert       TEXT,
    opinion      TEXT NOT NULL CHECK (opinion IN ('', 'support', 'oppose')),
    opinion_text BYTEA,
    opined_by    TEXT,
    opined_at    BIGINT,
    decided_by   TEXT,
    decided_at   BIGINT CHECK (decided_at >= made_at),
    reason       TEXT NOT NULL,
    answer       BYTEA,
    PRIMARY KEY (learner, id),
    CHECK (NOT endless OR valid_to IS NULL),
    CHECK (state = 'logging' OR way = 'log' OR completed_on IS NOT NULL),
    CHECK ((state IN ('verified', 'refused')) = (decided_at IS NOT NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((state = 'refused') = (reason <> '')),
    CHECK ((opinion = '') = (opined_by IS NULL)),
    CHECK (state <> 'expert' OR expert IS NOT NULL)
);
CREATE INDEX attestation_handler ON attestation (handler, state, made_at);
CREATE INDEX attestation_institution ON attestation (institution, state, made_at);
CREATE INDEX attestation_expert ON attestation (expert, state) WHERE expert IS NOT NULL;
CREATE INDEX attestation_end ON attestation (valid_to) WHERE valid_to IS NOT NULL AND state = 'verified';
CREATE UNIQUE INDEX attestation_once ON attestation (learner, institution, course, reference) WHERE state IN ('logging', 'open', 'expert', 'ready');

-- The results that a verified one became: of an exam one for each part.
CREATE TABLE attestation_record (
    attestation TEXT NOT NULL REFERENCES attestation (id),
    institution TEXT NOT NULL,
    reference   TEXT NOT NULL,
    PRIMARY KEY (attestation, institution, reference)
);
CREATE INDEX attestation_record_result ON attestation_record (institution, reference);

-- A day of a placement: what the learner did, and which mentors confirmed it.
CREATE TABLE placement_day (
    attestation TEXT NOT NULL REFERENCES attestation (id),
    day         INTEGER NOT NULL,
    hours       BIGINT NOT NULL CHECK (hours BETWEEN 1 AND 240000),
    text        BYTEA,
    school_by   TEXT,
    school_at   BIGINT,
    company_by  TEXT,
    company_at  BIGINT CHECK (company_by <> school_by),
    PRIMARY KEY (attestation, day),
    CHECK ((school_by IS NULL) = (school_at IS NULL)),
    CHECK ((company_by IS NULL) = (company_at IS NULL))
);

-- What each side makes of a placement at its end.
CREATE TABLE placement_mark (
    attestation TEXT NOT NULL REFERENCES attestation (id),
    side        TEXT NOT NULL CHECK (side IN ('school', 'company')),
    grade       TEXT NOT NULL CHECK (grade IN ('excellent', 'good', 'pass', 'fail')),
    text        BYTEA,
    made_by     TEXT NOT NULL CHECK (made_by <> ''),
    made_at     BIGINT NOT NULL,
    PRIMARY KEY (attestation, side)
);
