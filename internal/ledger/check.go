package ledger

import "creditbank/internal/credit"

// Check holds an entry against the rules that need no other entry: its texts
// and numbers are within bounds, its accounts fit its kind. The error is a
// *Fault that names the first field that is wrong.
func (e *Entry) Check() error {
	for _, check := range [...]func(*Entry) (Code, string){checkNumbers, checkAccounts, checkRoute, checkRecord, checkCircumstances} {
		if code, field := check(e); code != "" {
			return fault(e.Number, code, field)
		}
	}
	return nil
}

func checkNumbers(e *Entry) (Code, string) {
	switch {
	case e.Number < 0:
		return OutOfRange, "number"
	case e.Batch < 0 || e.Batch > e.Number:
		return OutOfRange, "batch"
	case e.Kind < Deposit || e.Kind > Merge:
		return Unknown, "kind"
	case e.Amount < 0 || e.Amount > credit.MaxAmount:
		return OutOfRange, "amount"
	case e.At <= 0:
		return OutOfRange, "at"
	case e.Kind != Reverse && e.Reverses != 0:
		return Needless, "reverses"
	case e.Kind != Deposit && e.Digest != (Hash{}):
		return Needless, "digest"
	case e.Kind == Reverse && (e.Reverses < 0 || e.Reverses >= e.Number):
		return OutOfRange, "reverses"
	}
	return "", ""
}

func checkAccounts(e *Entry) (Code, string) {
	if code, part := e.Debit.check(); code != "" {
		return code, "debit." + part
	}
	if code, part := e.Credit.check(); code != "" {
		return code, "credit." + part
	}
	return "", ""
}

// checkRoute holds the two accounts against the kind and against each other.
func checkRoute(e *Entry) (Code, string) {
	from, to := e.Debit, e.Credit
	if !fits(route{e.Kind, from.Place, to.Place}) {
		return Misfit, "credit"
	}
	if merge := from.Place == to.Place; merge == (from.Owner == to.Owner) && from.Owner != "" && to.Owner != "" {
		return OtherOwner, "credit"
	}
	if (from.Programme != "" && to.Programme != "") && (from.Programme != to.Programme || from.Institution != to.Institution) {
		return Misfit, "credit"
	}
	return "", ""
}

func checkRecord(e *Entry) (Code, string) {
	if code := checkText(e.Record.Institution, true); code != "" {
		return code, "record.institution"
	}
	if code := checkText(e.Record.Reference, true); code != "" {
		return code, "record.reference"
	}
	if e.Debit.Place == Issuer && e.Debit.Institution != e.Record.Institution {
		return NotIssuer, "debit"
	}
	if e.Credit.Place == Issuer && e.Credit.Institution != e.Record.Institution {
		return NotIssuer, "credit"
	}
	return "", ""
}

func checkCircumstances(e *Entry) (Code, string) {
	if code := checkText(e.Reason, false); code != "" {
		return code, "reason"
	}
	if code := checkText(e.Actor, true); code != "" {
		return code, "actor"
	}
	if e.Cause == (Cause{}) {
		return "", ""
	}
	if code := checkWord(e.Cause.Kind); code != "" {
		return code, "cause.kind"
	}
	return checkText(e.Cause.ID, true), "cause.id"
}

// CheckBatch holds entries that are to be booked together against the rules
// that need no earlier entry: each by itself, their numbers following on each
// other, one batch, actor, time and cause. Lines of one record follow its way: each
// begins where the one before ended, and none ends in conversion. The error is
// a *Fault.
func CheckBatch(batch []Entry) error {
	var last map[Record]*Entry // one line follows no other
	if len(batch) > 1 {
		last = make(map[Record]*Entry, len(batch))
	}
	for i := range batch {
		e := &batch[i]
		if err := e.Check(); err != nil {
			return err
		}
		if field := strange(&batch[0], e, int64(i)); field != "" {
			return fault(e.Number, NotBatch, field)
		}
		if before := last[e.Record]; before != nil && before.Credit != e.Debit {
			return fault(e.Number, Apart, "debit")
		}
		if last != nil {
			last[e.Record] = e
		}
	}
	for i := range batch {
		if e := &batch[i]; (last == nil || last[e.Record] == e) && e.Credit.Place == Conversion {
			return fault(e.Number, Unfinished, "credit")
		}
	}
	return nil
}

// strange names the field in which an entry does not belong to the batch that first begins.
func strange(first, e *Entry, at int64) string {
	switch {
	case e.Number != first.Number+at:
		return "number"
	case e.Batch != first.Number:
		return "batch"
	case e.Actor != first.Actor:
		return "actor"
	case e.At != first.At:
		return "at"
	case e.Cause != first.Cause:
		return "cause"
	}
	return ""
}
