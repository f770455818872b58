-- National lists, as they are published: what the catalogue says of its programmes (职业教育专业简介), their courses, ways on and occupations, the certificates of
-- skill levels, the schools, and the code sets of JY/T 1001. They are references: nothing of the bank's own points at them, so that a new edition can take their place.
CREATE TABLE catalogue_intro (
    code                              TEXT PRIMARY KEY CHECK (code <> ''),
    name                              TEXT NOT NULL,
    level                             TEXT NOT NULL,
    class_code                        TEXT NOT NULL,
    years                             TEXT NOT NULL,
    careers                           TEXT NOT NULL,
    abilities                         TEXT NOT NULL,
    basic_courses                     TEXT NOT NULL,
    core_courses                      TEXT NOT NULL,
    practice                          TEXT NOT NULL,
    qualification_certs               TEXT NOT NULL,
    skill_level_certs                 TEXT NOT NULL,
    articulates_to_associate          TEXT NOT NULL,
    articulates_to_vocational_bachelor TEXT NOT NULL,
    articulates_to_bachelor           TEXT NOT NULL
);
CREATE TABLE catalogue_course (
    programme_code TEXT NOT NULL CHECK (programme_code <> ''),
    programme_name TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind <> ''),
    seq            INTEGER NOT NULL CHECK (seq > 0),
    course_name    TEXT NOT NULL CHECK (course_name <> ''),
    PRIMARY KEY (programme_code, kind, seq)
);
CREATE TABLE catalogue_way (
    from_code  TEXT NOT NULL CHECK (from_code <> ''),
    from_name  TEXT NOT NULL,
    from_level TEXT NOT NULL,
    to_level   TEXT NOT NULL CHECK (to_level <> ''),
    to_name    TEXT NOT NULL CHECK (to_name <> ''),
    to_code    TEXT NOT NULL,
    PRIMARY KEY (from_code, to_level, to_name, to_code)
);
CREATE INDEX catalogue_way_to ON catalogue_way (to_code);
CREATE TABLE catalogue_occupation (
    programme_code  TEXT NOT NULL CHECK (programme_code <> ''),
    programme_name  TEXT NOT NULL,
    occupation_code TEXT NOT NULL CHECK (occupation_code <> ''),
    occupation_name TEXT NOT NULL,
    PRIMARY KEY (programme_code, occupation_code)
);
CREATE TABLE level_certificate (
    name            TEXT PRIMARY KEY CHECK (name <> ''),
    n_programmes    INTEGER NOT NULL,
    programme_codes TEXT NOT NULL
);
CREATE TABLE national_school (
    school_code TEXT PRIMARY KEY CHECK (school_code <> ''),
    name        TEXT NOT NULL CHECK (name <> ''),
    province    TEXT NOT NULL,
    city        TEXT NOT NULL,
    level       TEXT NOT NULL,
    authority   TEXT NOT NULL,
    note        TEXT NOT NULL
);
CREATE TABLE code_set (
    code_set              TEXT PRIMARY KEY CHECK (code_set <> ''),
    title_and_source_note TEXT NOT NULL,
    n_codes               INTEGER NOT NULL
);
CREATE TABLE code_value (
    code_set TEXT NOT NULL CHECK (code_set <> ''),
    code     TEXT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (code_set, code, name)
);

-- Regions come and go with every edition of GB/T 2260: from which day a code holds, and to which. Days count from 1970-01-01; NULL: it always did, still does.
ALTER TABLE region ADD COLUMN valid_from INTEGER;
ALTER TABLE region ADD COLUMN valid_to INTEGER;
