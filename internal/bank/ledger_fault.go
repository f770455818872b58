package bank

import (
	"errors"
	"fmt"

	"creditbank/internal/ledger"
)

// elements collects what is wrong with the elements of one call, so that all of
// it is told at once.
type elements struct {
	faults []FieldError
	code   Code // the gravest: Invalid before NotFound before Conflict
}

// add takes what is wrong with one element.
func (l *elements) add(code Code, field, value, what string, args map[string]any) {
	l.faults = append(l.faults, FieldError{Field: field, Value: value, Code: what, Args: args})
	if l.code == "" || code == Invalid || (code == NotFound && l.code == Conflict) {
		l.code = code
	}
}

// refusal is the error for all of it, or nil.
func (l *elements) refusal() error {
	if len(l.faults) == 0 {
		return nil
	}
	key := map[Code]string{Invalid: "error.invalid_fields", NotFound: "error.ledger_not_found", Conflict: "error.ledger_refused"}[l.code]
	return &Error{Code: l.code, Key: key, Args: map[string]any{"Count": len(l.faults)}, Fields: l.faults}
}

// refused are the findings of the ledger that tell a caller that what is asked
// for cannot be, and how they are said.
func refused(code ledger.Code) (Code, string) {
	switch code {
	case ledger.Absent:
		return Conflict, "stands_nowhere"
	case ledger.Standing:
		return Conflict, "lasting"
	case ledger.ReversedTwice, ledger.ReversesAgain, ledger.Superseded:
		return Conflict, string(code)
	case ledger.Unfinished:
		return Conflict, "reverse_both"
	case ledger.OutOfRange:
		return Invalid, "amount_range"
	case ledger.TooLong:
		return Invalid, "too_long"
	case ledger.NotText:
		return Invalid, "utf8"
	case ledger.NotWord:
		return Invalid, "word"
	case ledger.Missing:
		return Invalid, "required"
	}
	return "", ""
}

// judge takes an error of booking an element. It gives back what is no refusal
// but a fault of ours.
func (l *elements) judge(err error, field, value string, h *history) error {
	var fault *ledger.Fault
	if err == nil || !errors.As(err, &fault) {
		return err
	}
	if fault.Code == ledger.Elsewhere {
		l.add(Conflict, field, value, standsWhere(h), nil)
		return nil
	}
	code, what := refused(fault.Code)
	switch {
	case code == "":
		return err
	case code == Invalid && (fault.Field == "reason" || fault.Field == "actor" || fault.Field == "cause.kind" || fault.Field == "cause.id"):
		field, value = fault.Field, ""
	}
	l.add(code, field, value, what, map[string]any{"Limit": ledger.MaxText})
	return nil
}

// standsWhere is the sentence for where a record stands.
func standsWhere(h *history) string {
	if place := h.Stand().Account.Place; place != 0 {
		return "stands_" + place.String()
	}
	return "stands_nowhere"
}

func recordField(i int, name string) string { return fmt.Sprintf("records[%d].%s", i, name) }
