-- A seventh kind of results: a course that was recognised for what somebody could already.
ALTER TABLE record DROP CONSTRAINT record_kind_check;
ALTER TABLE record ADD CONSTRAINT record_kind_check CHECK (kind IN ('course', 'certificate', 'contest', 'exam', 'work', 'experience', 'prior_learning'));
