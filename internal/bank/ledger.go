package bank

import (
	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// The ledger's own words, for those above who do not know its room.
type (
	RecordRef   = ledger.Record      // names a result: its issuer and the issuer's own number for it
	Entry       = ledger.Entry       // one booking
	Account     = ledger.Account     // where an entry takes from or gives to
	Cause       = ledger.Cause       // what an entry was made for
	Finding     = ledger.Fault       // what Verify finds wrong
	Proof       = ledger.Proof       // that an entry is in the signed log
	Consistency = ledger.Consistency // that one signed log continues another
)

// NoEntry is the Number of a Finding that is about no entry.
const NoEntry = ledger.None

// Why says what a booking is for. It is kept in its entries.
type Why struct {
	Reason string // a code or a few words, at most 80 characters, without personal data; may be empty
	Cause  Cause  // application, request …; may be empty
	Key    string // of a request that may come more than once, see [Request]; empty: each call is a write of its own
}

// Receipt is what a booking came to.
type Receipt struct {
	Batch    int64 // number of the first entry; -1: nothing was booked
	Entries  []Entry
	Records  []DepositedRecord `json:",omitempty"` // of a deposit: one for each element
	Replayed bool              `json:"-"`          // it is the answer of an earlier request with the same key
}

// DepositedRecord is what became of one element of a deposit.
type DepositedRecord struct {
	RecordRef
	State  string // new, or unchanged: it was there with the same content
	Entry  int64  // number of its deposit
	Amount credit.Amount
}

// States of an element of a deposit.
const (
	DepositNew       = "new"
	DepositUnchanged = "unchanged"
)

// MaxBatch is how many elements one call may name.
const MaxBatch = 500

// ledgerActor is who signs checkpoints and books what an older program had not.
var ledgerActor = Operator("operator")
