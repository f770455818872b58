package bank

import (
	"context"
	"database/sql"

	"creditbank/internal/ledger"
)

// RedeemApplication books that a diploma was issued on what the application brought:
// all its credits are redeemed, for good. It is for deciders of the receiving school who
// may decide about the application. It promises NotFound; Denied; Conflict:
// error.application_stale, error.application_state (also when there is nothing to
// redeem), error.application_revoked while a revocation waits.
func (b *Bank) RedeemApplication(ctx context.Context, actor Actor, id, stamp string) (Receipt, error) {
	if _, err := b.judged(ctx, actor, id); err != nil {
		return Receipt{}, err
	}
	if actor.Is(IsSystem) {
		return Receipt{}, &Error{Code: Denied, Key: "error.role"}
	}
	var receipt Receipt
	err := b.write(ctx, actor, func(t *tx) error {
		a, err := t.applicationIn(id, stamp, ApplicationDecided)
		if err != nil {
			return err
		}
		receipt = Receipt{Batch: -1}
		return t.redeem(&a, &receipt)
	})
	return receipt, err
}

func (t *tx) redeem(a *Application, receipt *Receipt) error {
	var refs []RecordRef
	for _, i := range a.Items {
		if favours(i.State) {
			refs = append(refs, i.Records...)
		}
	}
	waits := false
	err := t.each(func(*sql.Rows) error { waits = true; return nil }, `SELECT 1 FROM consequence WHERE application = $1 AND state = 'open'`, a.ID)
	switch {
	case err != nil:
		return err
	case waits:
		return &Error{Code: Conflict, Key: "error.application_revoked"}
	case len(refs) == 0 || !a.Redeemed.IsZero():
		return &Error{Code: Conflict, Key: "error.application_state", Args: map[string]any{"State": a.State}}
	}
	why := Why{Reason: "diploma", Cause: Cause{Kind: "application", ID: a.ID}}
	err = t.bookOne(why, receipt, func(j *journal, _ *Receipt) error { return j.redeem(a, refs) })
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE application SET redeemed_at = $1, stamp = $2, changed_at = $1 WHERE id = $3`, micros(t.now), newStamp(), a.ID)
	if err != nil {
		return err
	}
	return t.noteApplication("application.redeem", a.ID, a.Learner, "")
}

// redeem books results that an application brought, in whosever account they stand.
func (j *journal) redeem(a *Application, refs []RecordRef) error {
	histories, err := j.histories(refs)
	if err != nil {
		return err
	}
	var wrong elements
	for _, ref := range refs {
		h := histories[ref]
		owner := h.Stand().Account.Owner
		err := j.move(h, ledger.Redeem, ref, ledger.AppliedAt(owner, a.To.Institution, a.To.Code), ledger.RedeemedAt(owner, a.To.Institution, a.To.Code))
		if err := wrong.judge(err, "records", ref.Reference, h); err != nil {
			return err
		}
	}
	if err := wrong.refusal(); err != nil {
		return err
	}
	return j.keepStandings(histories)
}
