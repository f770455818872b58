-- Who did what, when. Append-only (see the triggers). Holds no personal data.
CREATE TABLE audit (
    seq    BIGINT PRIMARY KEY CHECK (seq >= 1),
    at     BIGINT NOT NULL,
    actor  TEXT NOT NULL CHECK (actor <> ''),
    action TEXT NOT NULL CHECK (action <> ''),
    object TEXT NOT NULL,
    detail TEXT NOT NULL
);
