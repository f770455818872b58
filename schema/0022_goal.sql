-- The programme that a learner wants to come to, kept to see how far it is.
CREATE TABLE goal (
    learner     TEXT PRIMARY KEY REFERENCES learner (account),
    institution TEXT NOT NULL,
    programme   TEXT NOT NULL,
    set_at      BIGINT NOT NULL,
    FOREIGN KEY (institution, programme) REFERENCES programme (institution, code)
);
