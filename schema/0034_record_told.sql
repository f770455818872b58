-- Results whose learner has heard that they will not hold much longer, with the last day that was told.
CREATE TABLE record_told (
    institution TEXT NOT NULL,
    reference   TEXT NOT NULL,
    valid_to    INTEGER NOT NULL,
    PRIMARY KEY (institution, reference)
);
CREATE INDEX record_told_end ON record_told (valid_to);
