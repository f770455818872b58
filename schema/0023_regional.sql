-- What files of a regional credit bank say about results and the bank has no other place for. sealed is JSON: columns of the file that differ from what the bank
-- would say itself. A row with credits is a conversion that such a file brought: of the result, to a course of the school that used it; one without says something
-- about a conversion that the bank decided or, without a school, about the result at the own school.
CREATE TABLE regional_result (
    learner          TEXT NOT NULL REFERENCES learner (account),
    institution      TEXT NOT NULL,
    reference        TEXT NOT NULL,
    used_institution TEXT NOT NULL,
    used_course      TEXT NOT NULL,
    used_programme   TEXT NOT NULL,
    credits          BIGINT CHECK (credits BETWEEN 0 AND 999999),
    used_on          INTEGER,
    sealed           BYTEA NOT NULL,
    PRIMARY KEY (institution, reference, used_institution, used_course),
    FOREIGN KEY (institution, reference) REFERENCES record (institution, reference),
    CHECK ((credits IS NULL) = (used_on IS NULL)),
    CHECK (credits IS NULL OR used_institution <> ''),
    CHECK ((used_institution = '') = (used_course = ''))
);
CREATE INDEX regional_result_learner ON regional_result (learner);

-- The codes of these files where they are not as the bank came, in versions: the last one holds. setting is set.KIND, code.SET.LIST.WORD or school.INSTITUTION.
CREATE TABLE regional_setting (
    setting TEXT NOT NULL CHECK (setting <> ''),
    version INTEGER NOT NULL CHECK (version >= 1),
    value   TEXT NOT NULL,
    set_by  TEXT NOT NULL CHECK (set_by <> ''),
    set_at  BIGINT NOT NULL,
    PRIMARY KEY (setting, version)
);
