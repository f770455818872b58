-- What a result should have said: deposited in its place once its revocation is
-- carried out. The content is a row of a file of results, as JSON.
CREATE TABLE replacement (
    proposal    TEXT PRIMARY KEY REFERENCES proposal (id),
    learner     TEXT NOT NULL REFERENCES learner (account),
    institution TEXT NOT NULL,
    reference   TEXT NOT NULL,
    content     TEXT NOT NULL
);
CREATE INDEX replacement_learner ON replacement (learner);
