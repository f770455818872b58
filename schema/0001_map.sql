-- The map: who teaches what, and what counts where.
-- Credits are BIGINT hundredths; hours BIGINT ten-thousandths; days INTEGER days since 1970-01-01; instants BIGINT UTC microseconds.

CREATE TABLE region (
    code        TEXT PRIMARY KEY CHECK (length(code) = 6),
    name        TEXT NOT NULL CHECK (name <> ''),
    kind        TEXT NOT NULL CHECK (kind IN ('province', 'city', 'county')),
    parent_code TEXT REFERENCES region (code) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((kind = 'province') = (parent_code IS NULL))
);

CREATE TABLE catalogue (
    code             TEXT PRIMARY KEY CHECK (length(code) BETWEEN 6 AND 8),
    name             TEXT NOT NULL CHECK (name <> ''),
    level            TEXT NOT NULL CHECK (level <> ''),
    category_code    TEXT NOT NULL,
    category_name    TEXT NOT NULL,
    class_code       TEXT NOT NULL,
    class_name       TEXT NOT NULL,
    state_controlled BOOLEAN NOT NULL,
    added            TEXT NOT NULL,
    source           TEXT NOT NULL
);

CREATE TABLE institution (
    code           TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 40),
    name           TEXT NOT NULL CHECK (name <> ''),
    name_en        TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('general_secondary', 'secondary_vocational', 'comprehensive_secondary',
                   'higher_vocational', 'vocational_undergraduate', 'general_undergraduate', 'enterprise',
                   'assessment_body', 'overseas', 'compulsory', 'bank')),
    region         TEXT CHECK (length(region) = 6),
    hours_per_credit BIGINT NOT NULL CHECK (hours_per_credit BETWEEN 1 AND 100000),
    credit_step    BIGINT NOT NULL CHECK (credit_step BETWEEN 1 AND 10000)
);
-- There is one bank.
CREATE UNIQUE INDEX institution_bank ON institution (kind) WHERE kind = 'bank';

CREATE TABLE course (
    institution TEXT NOT NULL REFERENCES institution (code),
    code        TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 80),
    PRIMARY KEY (institution, code)
);

CREATE TABLE course_version (
    institution    TEXT NOT NULL,
    course         TEXT NOT NULL,
    seq            INTEGER NOT NULL CHECK (seq >= 1),
    valid_from     INTEGER,
    valid_to       INTEGER,
    name           TEXT NOT NULL CHECK (name <> ''),
    name_en        TEXT NOT NULL,
    credits        BIGINT NOT NULL CHECK (credits BETWEEN 0 AND 999999),
    hours          BIGINT CHECK (hours BETWEEN 0 AND 999999900),
    practice_hours BIGINT CHECK (practice_hours BETWEEN 0 AND 999999900),
    category       TEXT NOT NULL,
    level          INTEGER CHECK (level BETWEEN 1 AND 10),
    outline        TEXT NOT NULL,
    PRIMARY KEY (institution, course, seq),
    FOREIGN KEY (institution, course) REFERENCES course (institution, code),
    CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from),
    CHECK (practice_hours IS NULL OR hours IS NULL OR practice_hours <= hours)
);
CREATE UNIQUE INDEX course_version_from ON course_version (institution, course, coalesce(valid_from, -2147483648));

CREATE TABLE programme (
    institution      TEXT NOT NULL REFERENCES institution (code),
    code             TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
    name             TEXT NOT NULL CHECK (name <> ''),
    name_en          TEXT NOT NULL,
    catalogue_code   TEXT CHECK (length(catalogue_code) BETWEEN 6 AND 8),
    years            BIGINT CHECK (years BETWEEN 1 AND 2000),
    required_credits BIGINT NOT NULL CHECK (required_credits BETWEEN 0 AND 999999),
    PRIMARY KEY (institution, code)
);

CREATE TABLE programme_group (
    institution TEXT NOT NULL,
    programme   TEXT NOT NULL,
    code        TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
    name        TEXT NOT NULL CHECK (name <> ''),
    min_credits BIGINT NOT NULL CHECK (min_credits BETWEEN 0 AND 999999),
    PRIMARY KEY (institution, programme, code),
    FOREIGN KEY (institution, programme) REFERENCES programme (institution, code)
);

-- A course stands in one group of a programme at most: the key says so.
CREATE TABLE plan_course (
    institution  TEXT NOT NULL,
    programme    TEXT NOT NULL,
    course       TEXT NOT NULL,
    grp          TEXT NOT NULL,
    required     BOOLEAN NOT NULL,
    never_exempt BOOLEAN NOT NULL,
    PRIMARY KEY (institution, programme, course),
    FOREIGN KEY (institution, programme, grp) REFERENCES programme_group (institution, programme, code),
    FOREIGN KEY (institution, course) REFERENCES course (institution, code)
);

-- A version of an equivalence. A published one is never edited: a new version ends it (see the triggers).
CREATE TABLE equivalence (
    code           TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 80),
    version        INTEGER NOT NULL CHECK (version >= 1),
    institution    TEXT NOT NULL REFERENCES institution (code),
    programme      TEXT,
    valid_from     INTEGER,
    valid_to       INTEGER,
    validity_years INTEGER CHECK (validity_years BETWEEN 1 AND 100),
    priority       INTEGER NOT NULL CHECK (priority BETWEEN -1000000 AND 1000000),
    outcome        TEXT NOT NULL CHECK (outcome IN ('credit', 'refused', 'pending')),
    reasons        TEXT NOT NULL,
    note           TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('draft', 'published')),
    created_at     BIGINT NOT NULL,
    published_at   BIGINT,
    PRIMARY KEY (code, version),
    FOREIGN KEY (institution, programme) REFERENCES programme (institution, code),
    CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from),
    CHECK ((state = 'published') = (published_at IS NOT NULL)),
    CHECK ((outcome = 'refused') = (reasons <> ''))
);
-- One draft of an equivalence at a time.
CREATE UNIQUE INDEX equivalence_draft ON equivalence (code) WHERE state = 'draft';
CREATE INDEX equivalence_institution ON equivalence (institution);

CREATE TABLE equivalence_source (
    equivalence TEXT NOT NULL,
    version     INTEGER NOT NULL,
    institution TEXT NOT NULL,
    course      TEXT NOT NULL,
    min_grade   INTEGER CHECK (min_grade BETWEEN 0 AND 100000),
    max_grade   INTEGER CHECK (max_grade BETWEEN 0 AND 100000),
    PRIMARY KEY (equivalence, version, institution, course),
    FOREIGN KEY (equivalence, version) REFERENCES equivalence (code, version),
    FOREIGN KEY (institution, course) REFERENCES course (institution, code),
    CHECK (min_grade IS NULL OR max_grade IS NULL OR max_grade >= min_grade)
);
CREATE INDEX equivalence_source_course ON equivalence_source (institution, course);

-- A target is a course, an exemption from one, or unassigned credit in a group of the programmes.
CREATE TABLE equivalence_target (
    equivalence TEXT NOT NULL,
    version     INTEGER NOT NULL,
    seq         INTEGER NOT NULL CHECK (seq >= 1),
    institution TEXT NOT NULL,
    course      TEXT,
    grp         TEXT,
    credit_mode TEXT NOT NULL CHECK (credit_mode IN ('catalogue', 'fixed', 'source')),
    credits     BIGINT CHECK (credits BETWEEN 0 AND 999999),
    exemption   BOOLEAN NOT NULL,
    PRIMARY KEY (equivalence, version, seq),
    FOREIGN KEY (equivalence, version) REFERENCES equivalence (code, version),
    FOREIGN KEY (institution, course) REFERENCES course (institution, code),
    CHECK ((course IS NULL) <> (grp IS NULL)),
    CHECK (NOT exemption OR course IS NOT NULL),
    CHECK ((credit_mode = 'fixed') = (credits IS NOT NULL)),
    CHECK (grp IS NULL OR credit_mode <> 'catalogue')
);
CREATE INDEX equivalence_target_course ON equivalence_target (institution, course);

-- place is '' for the bank, the institution's code, or institution:programme.
CREATE TABLE policy (
    scope          TEXT NOT NULL CHECK (scope IN ('bank', 'institution', 'programme')),
    place          TEXT NOT NULL,
    institution    TEXT REFERENCES institution (code),
    programme      TEXT,
    valid_from     INTEGER NOT NULL,
    min_grade      INTEGER CHECK (min_grade BETWEEN 0 AND 100000),
    validity_years INTEGER CHECK (validity_years BETWEEN 0 AND 100),
    max_level_rise INTEGER CHECK (max_level_rise BETWEEN 0 AND 10),
    PRIMARY KEY (scope, place, valid_from),
    FOREIGN KEY (institution, programme) REFERENCES programme (institution, code),
    CHECK ((scope = 'bank') = (institution IS NULL)),
    CHECK ((scope = 'programme') = (programme IS NOT NULL))
);

CREATE TABLE cap (
    scope       TEXT NOT NULL CHECK (scope IN ('bank', 'institution', 'programme')),
    place       TEXT NOT NULL,
    institution TEXT REFERENCES institution (code),
    programme   TEXT,
    valid_from  INTEGER NOT NULL,
    cap         TEXT NOT NULL CHECK (cap IN ('total', 'group', 'source_kind', 'source_institution', 'source_institution_kind')),
    cap_key     TEXT NOT NULL,
    credits     BIGINT CHECK (credits BETWEEN 0 AND 999999),
    share       INTEGER CHECK (share BETWEEN 0 AND 10000),
    PRIMARY KEY (scope, place, cap, cap_key, valid_from),
    FOREIGN KEY (institution, programme) REFERENCES programme (institution, code),
    CHECK ((scope = 'bank') = (institution IS NULL)),
    CHECK ((scope = 'programme') = (programme IS NOT NULL)),
    CHECK ((cap = 'total') = (cap_key = ''))
);

-- Further grade scales, in versions by date: what each grade is worth.
CREATE TABLE grade_scale (
    scale      TEXT NOT NULL CHECK (length(scale) BETWEEN 1 AND 40),
    valid_from INTEGER NOT NULL,
    PRIMARY KEY (scale, valid_from)
);

CREATE TABLE grade_mark (
    scale      TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    grade      TEXT NOT NULL CHECK (grade <> ''),
    score      INTEGER NOT NULL CHECK (score BETWEEN 0 AND 100000),
    passed     BOOLEAN NOT NULL,
    PRIMARY KEY (scale, valid_from, grade),
    FOREIGN KEY (scale, valid_from) REFERENCES grade_scale (scale, valid_from)
);

-- The number of the map: raised by every change of what the engine serves, so that other processes notice.
CREATE TABLE map_version (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version BIGINT NOT NULL
);
INSERT INTO map_version (one, version) VALUES (1, 1);
