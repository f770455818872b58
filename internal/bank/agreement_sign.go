package bank

import (
	"context"

	"creditbank/internal/calendar"
)

// OfferAgreement makes a draft what is to be signed: its content is written down with
// the courses as they are today, and all schools are told. It promises NotFound;
// Invalid, naming rules, without any or with one that serves no more; Conflict as
// [Bank.SaveAgreement] does.
func (b *Bank) OfferAgreement(ctx context.Context, actor Actor, id, stamp string) error {
	a, err := b.Agreement(ctx, actor, id)
	if err != nil {
		return err
	}
	if a.Stamp != stamp {
		return &Error{Code: Conflict, Key: "error.agreement_stale"}
	}
	if len(a.Content.Rules) == 0 {
		return invalidField("rules", "", "required", nil)
	}
	text, hash, err := a.Content.text()
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		a, err := t.agreementToDo(id, stamp, "offer")
		if err != nil {
			return err
		}
		if err := t.stillSignable(a); err != nil {
			return err
		}
		err = t.exec(`UPDATE agreement SET state = 'open', content = $1, hash = $2, changed_at = $3, edits = edits + 1 WHERE id = $4 AND version = $5`, string(text), hash, micros(t.now), a.Code, a.Version)
		if err != nil {
			return err
		}
		if err := t.tellParties(a, "agreement_offered"); err != nil {
			return err
		}
		return t.audit("agreement.offer", a.ID, hash)
	})
}

// stillSignable promises Invalid, naming the rules that may stand in no agreement any more.
func (t *tx) stillSignable(a *Agreement) error {
	read := reading(t.each)
	refs, err := read.rulesOfAgreement(agreementKey{a.Code, a.Version})
	if err != nil || len(refs) == 0 {
		return err
	}
	var parties []string
	for _, p := range a.Parties {
		parties = append(parties, p.Institution)
	}
	versions, err := readEquivalences(read, refs)
	var faults []FieldError
	for _, v := range versions {
		if !v.signable(parties) {
			faults = append(faults, FieldError{Field: "rules", Value: EvaluationID(v.RuleRef), Code: "agreement_rule"})
		}
	}
	if err == nil && len(faults) > 0 {
		err = invalidFields(faults)
	}
	return err
}

// tellParties tells the deciders of all schools that sign.
func (t *tx) tellParties(a *Agreement, kind string) error {
	for _, p := range a.Parties {
		m := message{To: recipient{Institution: p.Institution, Roles: IsDecider}, Kind: kind, Object: pageOf("/agreements/", a.ID),
			Args: map[string]string{"Institution": t.actor.Institution}}
		if err := t.send(m); err != nil {
			return err
		}
	}
	return nil
}

// SignAgreement signs for the actor's school what has this hash. With the last
// signature it is frozen: it holds from then on, an earlier version is replaced, and
// nothing in it changes any more. It promises NotFound; Conflict
// (error.agreement_closed) for one that is not the actor's to sign,
// (error.agreement_stale) when it is not what the actor has read; Invalid, naming
// rules, when one of them serves no more.
func (b *Bank) SignAgreement(ctx context.Context, actor Actor, id, hash string) error {
	return b.write(ctx, actor, func(t *tx) error {
		a, err := reading(t.each).agreement(actor, id)
		if err != nil {
			return err
		}
		if hash != a.Hash {
			return &Error{Code: Conflict, Key: "error.agreement_stale"}
		}
		if a, err = t.agreementToDo(id, a.Stamp, "sign"); err != nil {
			return err
		}
		err = t.exec(`UPDATE agreement_party SET signed_at = $1, signed_by = $2 WHERE agreement = $3 AND version = $4 AND institution = $5`,
			micros(t.now), actor.Name, a.Code, a.Version, actor.Institution)
		if err != nil {
			return err
		}
		if err := t.audit("agreement.sign", a.ID, hash); err != nil {
			return err
		}
		a.party(actor.Institution).Signed = t.now
		for _, p := range a.Parties {
			if p.Signed.IsZero() {
				return nil
			}
		}
		return t.freezeAgreement(a)
	})
}

// freezeAgreement follows the last signature.
func (t *tx) freezeAgreement(a *Agreement) error {
	if err := t.stillSignable(a); err != nil {
		return err
	}
	err := t.exec(`UPDATE agreement SET state = 'replaced', replaced_on = $1 WHERE id = $2 AND state = 'signed'`, calendar.Of(t.now), a.Code)
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE agreement SET state = 'signed', frozen_at = $1, changed_at = $1, edits = edits + 1 WHERE id = $2 AND version = $3`, micros(t.now), a.Code, a.Version)
	if err != nil {
		return err
	}
	return t.tellParties(a, "agreement_signed")
}

// CloseAgreement ends a version that not all have signed: the school that wrote it
// withdraws it, another one declines. It promises NotFound and Conflict as
// [Bank.SaveAgreement] does.
func (b *Bank) CloseAgreement(ctx context.Context, actor Actor, id, stamp string, declined bool) error {
	act, state := "withdraw", AgreementWithdrawn
	if declined {
		act, state = "decline", AgreementDeclined
	}
	return b.write(ctx, actor, func(t *tx) error {
		a, err := t.agreementToDo(id, stamp, act)
		if err != nil {
			return err
		}
		if err := t.exec(`UPDATE agreement SET state = $1, changed_at = $2, edits = edits + 1 WHERE id = $3 AND version = $4`, state, micros(t.now), a.Code, a.Version); err != nil {
			return err
		}
		if a.State == AgreementOpen {
			if err := t.tellParties(a, "agreement_closed"); err != nil {
				return err
			}
		}
		return t.audit("agreement.close", a.ID, state)
	})
}
