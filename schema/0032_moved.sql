-- Of most results nothing is booked but their deposit. The others are followed entry by entry when the ledger is verified.
CREATE INDEX entry_moved ON entry (institution, reference, number) WHERE kind <> 'deposit';

-- The deposits of a learner are found by the results: each would write a page of this index of its own.
DROP INDEX entry_learner;
CREATE INDEX entry_learner ON entry (learner, number) WHERE kind <> 'deposit';
