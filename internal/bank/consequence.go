package bank

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"creditbank/internal/calendar"
)

// States of a consequence.
const (
	ConsequenceOpen     = "open"
	ConsequenceKept     = "kept"
	ConsequenceReversed = "reversed"
)

// Consequence is what was built on a result that its issuer revokes: the school that
// took it decides whether it stays, or is reversed.
type Consequence struct {
	ID      string
	Item    int
	Result  RecordRef
	State   string
	Made    time.Time
	By      string // who decided
	Decided time.Time
	Text    string // why, as they wrote
}

const selectConsequences = `SELECT id, item, institution, reference, state, made_at, coalesce(decided_by, ''), coalesce(decided_at, 0), text FROM consequence`

func scanConsequence(rows *sql.Rows, unseal unsealing) (c Consequence, err error) {
	var made, decided int64
	var text []byte
	err = rows.Scan(&c.ID, &c.Item, &c.Result.Institution, &c.Result.Reference, &c.State, &made, &c.By, &decided, &text)
	c.Made, c.Decided = fromMicros(made), fromMicros(decided)
	if err != nil || len(text) == 0 {
		return c, err
	}
	plain, err := unseal("consequence.text", c.ID, text)
	c.Text = string(plain)
	return c, err
}

// readConsequences adds those of an application, the first first.
func (b *Bank) readConsequences(ctx context.Context, a *Application) error {
	return b.db.each(ctx, func(rows *sql.Rows) error {
		c, err := scanConsequence(rows, b.unseal)
		a.Consequences = append(a.Consequences, c)
		return err
	}, selectConsequences+` WHERE application = $1 ORDER BY made_at, id`, a.ID)
}

// openConsequence puts to the receiving school what was built on a result whose
// revocation was approved.
func (t *tx) openConsequence(p *Proposal, used applicationItem) error {
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return err
	}
	a, err := readApplication(t.each, t.unseal, used.application)
	if err != nil {
		return err
	}
	id := newNumber()
	err = t.exec(`INSERT INTO consequence (id, application, item, institution, reference, proposal, state, made_at) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7)`,
		id, a.ID, used.item, p.Args["institution"], p.Args["reference"], p.ID, micros(t.now))
	if err != nil {
		return err
	}
	if err := t.tellSchool(&a, "consequence_in", IsDecider); err != nil {
		return err
	}
	return t.noteApplication("consequence.open", a.ID, a.Learner, "consequence="+id)
}

// ConsequenceDecision is what the receiving school makes of a revocation.
type ConsequenceDecision struct {
	Stamp   string // of the application as the decider saw it
	Reverse bool   // the credits are taken back, and the result is revoked; else both stay
	Text    string // why
	Remedy  string // of a reversal: what would repair it
}

// DecideConsequence decides what becomes of credits that were given for a result which
// its issuer revokes: they stay, or the item is refused after all, everything that was
// booked for it is reversed, also a redemption, and then the deposit of the revoked
// result, in whose place comes what it should have said. An application that is not decided yet, or under appeal, is decided first. It
// is for deciders of the receiving school who may decide about the application.
//
// It promises NotFound; Denied; Invalid, naming text or remedy; Conflict:
// error.application_stale, error.application_state, and what the ledger refuses.
func (b *Bank) DecideConsequence(ctx context.Context, actor Actor, id, consequence string, in ConsequenceDecision) error {
	if _, err := b.judged(ctx, actor, id); err != nil {
		return err
	}
	if actor.Is(IsSystem) {
		return &Error{Code: Denied, Key: "error.role"}
	}
	if err := in.tidy(); err != nil {
		return err
	}
	again, err := b.insteadOf(ctx, `v.proposal = (SELECT c.proposal FROM consequence c WHERE c.id = $1)`, consequence)
	if err != nil && in.Reverse {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		a, err := t.applicationIn(id, in.Stamp, ApplicationDecided)
		if err != nil {
			return err
		}
		c, err := t.consequenceOf(id, consequence)
		if err != nil {
			return err
		}
		if in.Reverse {
			return t.reverseConsequence(&a, c, in, again)
		}
		return t.keepConsequence(&a, c, in)
	})
}

// tidy trims the texts, and promises Invalid.
func (in *ConsequenceDecision) tidy() error {
	in.Text, in.Remedy = strings.TrimSpace(in.Text), strings.TrimSpace(in.Remedy)
	var faults []FieldError
	for _, text := range []struct {
		field, value string
		needed       bool
	}{{"text", in.Text, true}, {"remedy", in.Remedy, in.Reverse}} {
		if code := textFault(text.value, applicationText); code != "" && (text.needed || code != "required") {
			faults = append(faults, FieldError{Field: text.field, Code: code, Args: map[string]any{"Limit": applicationText}})
		}
	}
	if len(faults) > 0 {
		return invalidFields(faults)
	}
	return nil
}

// consequenceOf promises NotFound for one that is not open.
func (t *tx) consequenceOf(application, id string) (c Consequence, err error) {
	err = t.each(func(rows *sql.Rows) (err error) {
		c, err = scanConsequence(rows, t.unseal)
		return err
	}, selectConsequences+` WHERE application = $1 AND id = $2 AND state = 'open'`, application, id)
	if err == nil && c.ID == "" {
		err = notFound("consequence", id)
	}
	return c, err
}

// reverseConsequence refuses the item after all, and revokes the result; what it should
// have said comes in its place.
func (t *tx) reverseConsequence(a *Application, c Consequence, in ConsequenceDecision, again []deposited) error {
	if a.Items[c.Item].State != ItemRefused {
		_, err := t.postDecision(a, PostedDecision{Kind: DecisionCorrection, Items: []DecidedItem{{Item: c.Item, Outcome: ItemRefused, Until: calendar.None,
			Reasons: []string{"NOT_ACCREDITED"}, Text: in.Text, Remedy: in.Remedy}}})
		if err != nil {
			return err
		}
	}
	why := Why{Reason: "revoked", Cause: Cause{Kind: "consequence", ID: c.ID}}
	if err := t.revokeResult(why, c.Result, a.Learner, again); err != nil {
		return err
	}
	return t.closeConsequence(a, c, ConsequenceReversed, "consequence.reverse", in.Text)
}

// keepConsequence lets the credits and the result stand.
func (t *tx) keepConsequence(a *Application, c Consequence, in ConsequenceDecision) error {
	if err := t.exec(`UPDATE application SET stamp = $1, changed_at = $2 WHERE id = $3`, newStamp(), micros(t.now), a.ID); err != nil {
		return err
	}
	if err := t.tellLearner(a, "consequence_decided"); err != nil {
		return err
	}
	return t.closeConsequence(a, c, ConsequenceKept, "consequence.keep", in.Text)
}

func (t *tx) closeConsequence(a *Application, c Consequence, state, action, text string) error {
	sealed, err := t.seal("consequence.text", c.ID, []byte(text))
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE consequence SET state = $1, decided_by = $2, decided_at = $3, text = $4 WHERE id = $5`, state, t.actor.Name, micros(t.now), sealed, c.ID)
	if err != nil {
		return err
	}
	return t.noteApplication(action, a.ID, a.Learner, "consequence="+c.ID)
}
