-- Work that goes on after the request that began it was answered. done and total are counts of whatever it goes through; total 0: not known yet.
-- leased_until is until when the process that does it has said that it lives. kept: something that was decided rests on the result.
-- institution is that of whoever started it, '' the bank. result and refusal are JSON, and hold nothing personal.
CREATE TABLE job (
    id           TEXT PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40),
    kind         TEXT NOT NULL CHECK (kind <> ''),
    object       TEXT NOT NULL,
    started_by   TEXT NOT NULL CHECK (started_by <> ''),
    institution  TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled', 'interrupted')),
    done         BIGINT NOT NULL CHECK (done >= 0),
    total        BIGINT NOT NULL CHECK (total >= 0),
    made_at      BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL CHECK (updated_at >= made_at),
    leased_until BIGINT NOT NULL,
    ended_at     BIGINT CHECK (ended_at >= made_at),
    cancelled    BOOLEAN NOT NULL,
    kept         BOOLEAN NOT NULL,
    result       TEXT NOT NULL,
    refusal      TEXT NOT NULL,
    CHECK ((state = 'running') = (ended_at IS NULL)),
    CHECK (result = '' OR state = 'done'),
    CHECK (refusal = '' OR state = 'failed')
);
CREATE INDEX job_by ON job (started_by, made_at);
CREATE INDEX job_over ON job (coalesce(ended_at, leased_until)) WHERE NOT kept;
