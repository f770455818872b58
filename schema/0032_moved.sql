-- Of most results nothing is booked but their deposit. The others are followed entry by entry when the ledger is verified.
CREATE INDEX entry_moved ON entry (institution, reference, number) WHERE kind <> 'deposit';
