package bank

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// ConsentAccount is the kind of consent without which nobody claims an account: that
// the bank keeps and shows the results of the learner.
const ConsentAccount = "account"

// consentVersion is the text that is agreed to now, the sentence
// consent.KIND.VERSION. Whoever changes the text makes a new version: older ones stay
// as they were agreed to.
const consentVersion = 1

// Consent is what a learner agreed to, or for one under fourteen the guardian.
type Consent struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Version   int       `json:"version"`            // of the text
	Guardian  string    `json:"guardian,omitempty"` // who agreed; empty: the learner
	Given     time.Time `json:"given"`
	Withdrawn time.Time `json:"withdrawn,omitzero"` // zero: it holds
}

// consent keeps that a learner agrees to something, or for one under fourteen the
// guardian; one that holds stays as it is.
func (t *tx) consent(account, kind, guardian string) error {
	given := false
	err := t.each(func(*sql.Rows) error { given = true; return nil }, `SELECT 1 FROM consent WHERE learner = $1 AND kind = $2 AND withdrawn_at IS NULL`, account, kind)
	if err != nil || given {
		return err
	}
	id := newNumber()
	sealed, err := t.sealText("consent.guardian", id, guardian)
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO consent (id, learner, kind, version, guardian, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, account, kind, consentVersion, sealed, micros(t.now))
	if err != nil {
		return err
	}
	return t.note(note{Action: "consent.give", Object: id, Subject: account, Detail: kind})
}

// Consents lists what the learner agreed to: what holds first, then the last first. It promises Denied.
func (b *Bank) Consents(ctx context.Context, actor Actor) ([]Consent, error) {
	account, err := actor.ownAccount()
	if err != nil {
		return nil, err
	}
	return b.consentsOf(ctx, account)
}

func (b *Bank) consentsOf(ctx context.Context, account string) ([]Consent, error) {
	list := []Consent{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var c Consent
		var guardian []byte
		var given, withdrawn int64
		err := rows.Scan(&c.ID, &c.Kind, &c.Version, &guardian, &given, &withdrawn)
		if err != nil {
			return err
		}
		c.Given, c.Withdrawn = fromMicros(given), fromMicros(withdrawn)
		c.Guardian, err = b.unsealText("consent.guardian", c.ID, guardian)
		list = append(list, c)
		return err
	}, `SELECT id, kind, version, guardian, at, coalesce(withdrawn_at, 0) FROM consent WHERE learner = $1
		ORDER BY CASE WHEN withdrawn_at IS NULL THEN 0 ELSE 1 END, at DESC, id`, account)
	return list, err
}

// GiveConsent agrees again to what was taken back, or was never asked. It promises
// Denied, and Invalid, naming consent or guardian.
func (b *Bank) GiveConsent(ctx context.Context, actor Actor, agreed bool, guardian string) error {
	account, err := actor.ownAccount()
	if err != nil {
		return err
	}
	person, err := b.person(ctx, account)
	if err != nil {
		return err
	}
	guardian = strings.TrimSpace(guardian)
	young := under(person.birth(), b.Today(), guardianAge)
	switch {
	case !agreed:
		return invalidField("consent", "", "consent", nil)
	case !young:
		guardian = ""
	case nameFault(guardian) != "":
		return invalidField("guardian", "", nameFault(guardian), map[string]any{"Limit": nameLength})
	}
	return b.write(ctx, actor, func(t *tx) error { return t.consent(account, ConsentAccount, guardian) })
}

// NeedsGuardian says whether a guardian agrees for the learner who asks. It promises Denied.
func (b *Bank) NeedsGuardian(ctx context.Context, actor Actor) (bool, error) {
	account, err := actor.ownAccount()
	if err != nil {
		return false, err
	}
	person, err := b.person(ctx, account)
	return under(person.birth(), b.Today(), guardianAge), err
}

// WithdrawConsent takes back what the learner agreed to; once more changes nothing.
// Without the consent to the account all leave to see the record ends, and of the own
// pages those for taking the data along and for erasure stay. It promises Denied and
// NotFound.
func (b *Bank) WithdrawConsent(ctx context.Context, actor Actor, id string) error {
	account, err := actor.ownAccount()
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		kind, withdrawn := "", false
		err := t.each(func(rows *sql.Rows) error { return rows.Scan(&kind, &withdrawn) },
			`SELECT kind, withdrawn_at IS NOT NULL FROM consent WHERE learner = $1 AND id = $2`, account, id)
		switch {
		case err != nil:
			return err
		case kind == "":
			return notFound("consent", id)
		case withdrawn:
			return nil
		}
		return t.withdrawConsent(account, id, kind)
	})
}

func (t *tx) withdrawConsent(account, id, kind string) error {
	if err := t.exec(`UPDATE consent SET withdrawn_at = $1 WHERE learner = $2 AND id = $3`, micros(t.now), account, id); err != nil {
		return err
	}
	if kind == ConsentAccount {
		if err := t.exec(`UPDATE share SET withdrawn_at = $1 WHERE learner = $2 AND withdrawn_at IS NULL`, micros(t.now), account); err != nil {
			return err
		}
	}
	return t.note(note{Action: "consent.withdraw", Object: id, Subject: account, Detail: kind})
}

// mayShare lets through a learner who may give others leave to see the record:
// under fourteen, one whose guardian agreed. It promises Denied.
func (b *Bank) mayShare(ctx context.Context, account string) error {
	person, err := b.person(ctx, account)
	if err != nil || !under(person.birth(), b.Today(), guardianAge) {
		return err
	}
	agreed := false
	err = b.db.each(ctx, func(*sql.Rows) error { agreed = true; return nil },
		`SELECT 1 FROM consent WHERE learner = $1 AND kind = $2 AND guardian IS NOT NULL AND withdrawn_at IS NULL`, account, ConsentAccount)
	if err == nil && !agreed {
		err = &Error{Code: Denied, Key: "error.share_guardian"}
	}
	return err
}
