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
