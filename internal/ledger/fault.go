package ledger

import "fmt"

// Code says what is wrong. The list is closed: every error of this package
// that is about what was handed in wraps one of these.
type Code string

// What can be wrong with one entry or one batch, whatever came before.
const (
	Missing    Code = "missing"      // the field has no value
	Needless   Code = "needless"     // the field has a value that this kind does not carry
	TooLong    Code = "too_long"     // more than 80 characters
	NotText    Code = "not_text"     // not UTF-8
	NotWord    Code = "not_word"     // not lower-case letters and underscores
	OutOfRange Code = "out_of_range" // a number outside its bounds
	Unknown    Code = "unknown"      // no such kind or place
	Misfit     Code = "misfit"       // the kind does not book between these two accounts
	OtherOwner Code = "other_owner"  // the two accounts belong to two learners, or a merge's to one
	NotIssuer  Code = "not_issuer"   // a record is deposited by another than its institution
	NotBatch   Code = "not_batch"    // the lines of a batch do not belong together
	Apart      Code = "apart"        // two lines of one record in a batch that do not follow on each other
)

// What can be wrong with an entry after those before it.
const (
	Absent        Code = "absent"          // the record was never deposited
	Standing      Code = "standing"        // the record is deposited already
	Elsewhere     Code = "elsewhere"       // the record does not stand in the debit account
	Overdraft     Code = "overdraft"       // more than stands in the debit account
	Part          Code = "part"            // less than the whole record
	NoSuchEntry   Code = "no_such_entry"   // the reversed entry is not one of this record
	ReversedTwice Code = "reversed_twice"  // the entry is reversed already
	ReversesAgain Code = "reverses_again"  // a reversal is not reversed
	NotSwapped    Code = "not_swapped"     // a reversal is the same booking with the accounts swapped
	Superseded    Code = "superseded"      // a later entry booked the same again: that one is to be reversed
	Unfinished    Code = "unfinished"      // a record is left in conversion at the end of a batch
	NotInOrder    Code = "not_in_order"    // an entry was fed after a later one
	BalanceWrong  Code = "balance_differs" // the kept balance is not the sum of the entries
)

// What can be wrong with a stored log.
const (
	Gap         Code = "gap"            // an entry is not there
	Repeated    Code = "repeated"       // a number is there twice
	BytesDiffer Code = "bytes_differ"   // stored bytes are not the canonical bytes of the fields
	LeafDiffers Code = "leaf_differs"   // the stored leaf hash is not that of the entry
	NodeDiffers Code = "node_differs"   // a stored inner node is not the hash of what is below it
	Unlogged    Code = "unlogged"       // the entry is not in the stored tree
	HeadDiffers Code = "head_differs"   // the tree does not have the root that a checkpoint signed
	Truncated   Code = "truncated"      // entries that a tile or checkpoint covers are not there
	BadForm     Code = "bad_form"       // bytes that are not of the documented form
	UnknownKey  Code = "unknown_key"    // no known key has signed
	BadSign     Code = "bad_signature"  // a known key's signature does not hold
	RetiredKey  Code = "retired_key"    // signed by a key for a size at which it was not in force
	OtherLog    Code = "other_log"      // the checkpoint of another log
	NotProven   Code = "not_proven"     // the hashes of a proof do not lead to the root
	BadKey      Code = "bad_key"        // not a key of the documented form, or keys out of order
	OutsideTree Code = "outside_of_log" // an index or size that the tree does not have
)

// What can be wrong with the audit log.
const (
	AuditGap         Code = "audit_gap"          // a row is not there
	LinkDiffers      Code = "link_differs"       // the link is not that of the row after those before it
	AuditHeadDiffers Code = "audit_head_differs" // the rows do not have the link that a checkpoint signed
	AuditTruncated   Code = "audit_truncated"    // rows that a checkpoint covers are not there
)

// What can be wrong with the decisions behind entries.
const (
	DecisionDiffers Code = "decision_differs" // a decision, or what it was decided on, is not what its number is a digest of
	NotReplayed     Code = "not_replayed"     // the engine answers otherwise than when it was decided
	ItemDiffers     Code = "item_differs"     // a result is not where the last decision about it has put it
)

// Error makes a code an error that errors.Is finds.
func (c Code) Error() string { return "ledger: " + string(c) }

// Fault is one finding: what is wrong, where, and what stands there.
type Fault struct {
	Number int64  // entry it is about, or None
	Code   Code   // what
	Field  string // field of the entry, account, tile or checkpoint it was found in
	Got    string // what is there; may be empty
	Want   string // what should be there; may be empty
}

// None is the number of a fault that is about no entry.
const None int64 = -1

// Error is one line for a log or a terminal; people are shown the code's own sentence.
func (f *Fault) Error() string {
	text := "ledger"
	if f.Number != None {
		text += fmt.Sprintf(": entry %d", f.Number)
	}
	text += fmt.Sprintf(": %s: %s", f.Field, string(f.Code))
	if f.Got != "" || f.Want != "" {
		text += fmt.Sprintf(" (got %q, want %q)", f.Got, f.Want)
	}
	return text
}

// Unwrap gives the code, for errors.Is.
func (f *Fault) Unwrap() error { return f.Code }

func fault(number int64, code Code, field string) *Fault {
	return &Fault{Number: number, Code: code, Field: field}
}

// badForm says that bytes are not of the form documented for what.
func badForm(what string) *Fault { return fault(None, BadForm, what) }
