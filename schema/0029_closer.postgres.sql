-- Answers are forgotten in the order in which they came: a row that is written has one index less that grows anywhere.
ALTER TABLE idempotency ADD COLUMN number BIGINT GENERATED ALWAYS AS IDENTITY;
DROP INDEX idempotency_at;
CREATE UNIQUE INDEX idempotency_number ON idempotency (number);
