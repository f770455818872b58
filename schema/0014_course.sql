-- Files that belong to something of the bank and are kept for good: outlines of courses, evidence of evaluations, papers of learners.
-- What is a learner's is sealed, name and content, and goes with the learner; the rest is never changed (see the triggers).
CREATE TABLE attachment (
    id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    kind        TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    object      TEXT NOT NULL CHECK (length(object) BETWEEN 1 AND 200),
    learner     TEXT REFERENCES learner (account),
    name        TEXT NOT NULL,
    type        TEXT NOT NULL CHECK (type IN ('pdf', 'png', 'jpeg', 'docx', 'xlsx', 'txt')),
    size        INTEGER NOT NULL CHECK (size BETWEEN 1 AND 5242880),
    content     BYTEA,
    sealed_name BYTEA,
    sealed      BYTEA,
    made_at     BIGINT NOT NULL,
    made_by     TEXT NOT NULL CHECK (made_by <> ''),
    CHECK ((learner IS NULL) = (content IS NOT NULL)),
    CHECK ((learner IS NULL) = (sealed IS NULL)),
    CHECK ((learner IS NULL) = (sealed_name IS NULL)),
    CHECK ((learner IS NULL) = (name <> ''))
);
CREATE INDEX attachment_object ON attachment (kind, object, made_at);
CREATE INDEX attachment_learner ON attachment (learner) WHERE learner IS NOT NULL;

-- What a version of a course says beside the columns of its file: equipment for practice, the form of assessment, learning outcomes.
ALTER TABLE course_version ADD COLUMN equipment TEXT NOT NULL DEFAULT '';
ALTER TABLE course_version ADD COLUMN assessment TEXT NOT NULL DEFAULT '';

-- A learning outcome: what of which competence, and how far (level of competence, NULL: not given).
CREATE TABLE course_outcome (
    institution TEXT NOT NULL,
    course      TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    n           INTEGER NOT NULL CHECK (n >= 1),
    competence  TEXT NOT NULL CHECK (competence <> ''),
    level       INTEGER CHECK (level BETWEEN 1 AND 10),
    outcome     TEXT NOT NULL,
    PRIMARY KEY (institution, course, seq, n),
    FOREIGN KEY (institution, course, seq) REFERENCES course_version (institution, course, seq)
);

-- The files that belong to a version; later versions may keep those of earlier ones.
CREATE TABLE course_file (
    institution TEXT NOT NULL,
    course      TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    attachment  TEXT NOT NULL REFERENCES attachment (id),
    PRIMARY KEY (institution, course, seq, attachment),
    FOREIGN KEY (institution, course, seq) REFERENCES course_version (institution, course, seq)
);

-- The course change report: what was changed in a course that was there before, and what that touched. n counts the changes of a course.
-- fields is JSON: what each field said before and says now; of long texts the name alone.
CREATE TABLE course_change (
    id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    institution TEXT NOT NULL,
    course      TEXT NOT NULL,
    n           INTEGER NOT NULL CHECK (n >= 1),
    kind        TEXT NOT NULL CHECK (kind IN ('version', 'edit')),
    valid_from  INTEGER,
    fields      TEXT NOT NULL CHECK (fields <> ''),
    rules       INTEGER NOT NULL CHECK (rules >= 0),
    programmes  INTEGER NOT NULL CHECK (programmes >= 0),
    learners    INTEGER NOT NULL CHECK (learners >= 0),
    made_at     BIGINT NOT NULL,
    made_by     TEXT NOT NULL CHECK (made_by <> ''),
    UNIQUE (institution, course, n),
    FOREIGN KEY (institution, course) REFERENCES course (institution, code)
);
CREATE INDEX course_change_made ON course_change (institution, made_at);
CREATE INDEX course_change_all ON course_change (made_at);

-- A published rule that a change touches, until somebody of the receiving school or the bank has looked at it.
CREATE TABLE rule_flag (
    change       TEXT NOT NULL REFERENCES course_change (id),
    equivalence  TEXT NOT NULL,
    version      INTEGER NOT NULL,
    institution  TEXT NOT NULL,
    is_source    BOOLEAN NOT NULL,
    is_target    BOOLEAN NOT NULL,
    made_at      BIGINT NOT NULL,
    confirmed_at BIGINT CHECK (confirmed_at >= made_at),
    confirmed_by TEXT,
    PRIMARY KEY (change, equivalence, version),
    FOREIGN KEY (equivalence, version) REFERENCES equivalence (code, version),
    CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL)),
    CHECK (is_source OR is_target)
);
CREATE INDEX rule_flag_open ON rule_flag (institution, made_at) WHERE confirmed_at IS NULL;
CREATE INDEX rule_flag_rule ON rule_flag (equivalence, version);

-- Which programmes have a course in their plan.
CREATE INDEX plan_course_course ON plan_course (institution, course);
