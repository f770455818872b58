-- What a preview of a change found for some of the learners, those whom it moves most: rows begin with the learner's account.
-- institution and programme say in which programme; own: it is the one in which the learner is enrolled. The four amounts are hundredths of a credit.
CREATE TABLE impact_learner (
    learner             TEXT NOT NULL REFERENCES learner (account),
    job                 TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    seq                 INTEGER NOT NULL CHECK (seq >= 1),
    school              TEXT NOT NULL,
    institution         TEXT NOT NULL,
    programme           TEXT NOT NULL,
    own                 BOOLEAN NOT NULL,
    applied_before      BIGINT NOT NULL,
    applied_after       BIGINT NOT NULL,
    transferable_before BIGINT NOT NULL,
    transferable_after  BIGINT NOT NULL,
    PRIMARY KEY (learner, job)
);
CREATE UNIQUE INDEX impact_learner_job ON impact_learner (job, seq);

-- The preview that was before the people who propose and decide.
CREATE TABLE proposal_preview (
    proposal TEXT PRIMARY KEY REFERENCES proposal (id),
    job      TEXT NOT NULL REFERENCES job (id)
);

-- The last preview of a rule is looked up by what it is about.
CREATE INDEX job_object ON job (object, made_at) WHERE state = 'done';
