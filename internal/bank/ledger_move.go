package bank

import (
	"context"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
	"creditbank/internal/transfer"
)

// Hold (冻结) freezes results of an account for an application: available → held.
// All of them or none.
//
// Like every operation on the ledger it promises Invalid, naming the field, for an
// empty or too long list, an element named twice and a reason of another form;
// NotFound for the account and for a result that it does not have; Conflict, naming
// the elements, for a result that stands elsewhere, such as one that is held or
// used, and for one that an application took, which alone moves it; and the codes
// of [Bank.write].
func (b *Bank) Hold(ctx context.Context, actor Actor, account string, refs []RecordRef, why Why) (Receipt, error) {
	return b.shift(ctx, actor, shift{"hold", ledger.Hold, ledger.AvailableOf(account), ledger.HeldOf(account)}, refs, why)
}

// Release (解冻) frees results that an application held: held → available. It
// promises the codes of [Bank.Hold].
func (b *Bank) Release(ctx context.Context, actor Actor, account string, refs []RecordRef, why Why) (Receipt, error) {
	return b.shift(ctx, actor, shift{"release", ledger.Release, ledger.HeldOf(account), ledger.AvailableOf(account)}, refs, why)
}

// Expire (失效) books results whose validity has ended: available → expired. It is
// not asked whether it has: see [Bank.ExpireDue]. It promises the codes of [Bank.Hold].
func (b *Bank) Expire(ctx context.Context, actor Actor, account string, refs []RecordRef, why Why) (Receipt, error) {
	return b.shift(ctx, actor, shift{"expire", ledger.Expire, ledger.AvailableOf(account), ledger.ExpiredOf(account)}, refs, why)
}

// Redeem (兑换) uses up what is applied at a programme, for a diploma that is
// issued on it: applied → redeemed, for good. It promises the codes of [Bank.Hold].
func (b *Bank) Redeem(ctx context.Context, actor Actor, account string, at transfer.ProgrammeKey, refs []RecordRef, why Why) (Receipt, error) {
	return b.shift(ctx, actor, shift{"redeem", ledger.Redeem, ledger.AppliedAt(account, at.Institution, at.Code), ledger.RedeemedAt(account, at.Institution, at.Code)}, refs, why)
}

// shift is a booking of whole records from one account to another.
type shift struct {
	operation string
	kind      ledger.Kind
	from, to  Account
}

func (b *Bank) shift(ctx context.Context, actor Actor, s shift, refs []RecordRef, why Why) (Receipt, error) {
	account := s.from.Owner
	return b.book(ctx, actor, s.operation, why, []any{s.from, refs}, func(j *journal, _ *Receipt) error {
		if _, err := j.knownLearner(account); err != nil {
			return err
		}
		if s.from.Programme != "" || s.from.Institution != "" {
			if err := j.knownProgramme(transfer.ProgrammeKey{Institution: s.from.Institution, Code: s.from.Programme}); err != nil {
				return err
			}
		}
		return j.eachRecord(account, refs, func(i int, h *history) error { return j.move(h, s.kind, refs[i], s.from, s.to) })
	})
}

// Conversion is one result and what it is worth in the programme, in hundredths
// of a credit. 0 is a worth: an exemption gives no credit.
type Conversion struct {
	RecordRef
	Worth credit.Amount
}

// Convert (转换) books held results to a programme, by an application decided in
// favour: held → conversion → applied. What that loses or gains stands in the
// account conversion. It promises the codes of [Bank.Hold], Invalid for a worth
// below 0 or above 9999.99, and NotFound for the programme.
func (b *Bank) Convert(ctx context.Context, actor Actor, account string, to transfer.ProgrammeKey, in []Conversion, why Why) (Receipt, error) {
	refs := make([]RecordRef, len(in))
	var wrong elements
	for i, c := range in {
		refs[i] = c.RecordRef
		if c.Worth < 0 || c.Worth > credit.MaxAmount {
			wrong.add(Invalid, recordField(i, "worth"), c.Worth.String(), "amount_range", nil)
		}
	}
	if err := wrong.refusal(); err != nil {
		return Receipt{}, err
	}
	return b.book(ctx, actor, "convert", why, []any{account, to, in}, func(j *journal, _ *Receipt) error {
		if _, err := j.knownLearner(account); err != nil {
			return err
		}
		if err := j.knownProgramme(to); err != nil {
			return err
		}
		applied := ledger.AppliedAt(account, to.Institution, to.Code)
		return j.eachRecord(account, refs, func(i int, h *history) error { return j.convert(h, refs[i], applied, in[i].Worth) })
	})
}
