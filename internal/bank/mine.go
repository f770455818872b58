package bank

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
)

// ownAccount is the account of the learner who asks. It promises Denied.
func (a Actor) ownAccount() (string, error) {
	if err := a.need(IsLearner); err != nil {
		return "", err
	}
	if a.Learner == "" {
		return "", &Error{Code: Denied, Key: "error.role"}
	}
	return a.Learner, nil
}

// own is the account of the learner who asks, for all that goes on only while the
// consent to it holds. It promises Denied (error.consent_withdrawn when it was taken
// back).
func (b *Bank) own(ctx context.Context, actor Actor) (string, error) {
	account, err := actor.ownAccount()
	if err != nil {
		return "", err
	}
	given, held := 0, 0
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&given, &held) },
		`SELECT count(*), count(CASE WHEN withdrawn_at IS NULL THEN 1 END) FROM consent WHERE learner = $1 AND kind = $2`, account, ConsentAccount)
	if err == nil && given > 0 && held == 0 {
		err = &Error{Code: Denied, Key: "error.consent_withdrawn"}
	}
	return account, err
}

// MySchool is the code of the school of the learner who asks, empty when there is
// none. It promises Denied.
func (b *Bank) MySchool(ctx context.Context, actor Actor) (code string, err error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return "", err
	}
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&code) },
		`SELECT coalesce(institution, '') FROM learner WHERE account = $1`, account)
	return code, err
}

// person reads whose account it is. It promises NotFound.
func (b *Bank) person(ctx context.Context, account string) (Learner, error) {
	return learnerNamed(b.reading(ctx), b.unseal, account)
}

// recordSeen is what is seen of a record: the balance, and the results, the newest
// first. It promises NotFound.
func (b *Bank) recordSeen(ctx context.Context, account string, sees sight) (Balance, []Result, error) {
	balance, err := b.balanceSeen(ctx, account, sees)
	if err != nil {
		return balance, nil, err
	}
	results, err := b.resultsSeen(ctx, account, sees)
	slices.SortStableFunc(results, func(x, y Result) int { return cmp.Compare(y.Completed, x.Completed) })
	return balance, results, err
}

// AccountOpen says whether the account of the learner who asks may be worked with. It
// promises Denied (error.consent_withdrawn when the consent to it was taken back).
func (b *Bank) AccountOpen(ctx context.Context, actor Actor) error {
	_, err := b.own(ctx, actor)
	return err
}

// MyRecord is the record of the learner who asks.
type MyRecord struct {
	Account string
	Learner // numbers are whole: whoever shows them masks them
	Balance
	Results Page[Result] // the newest first
}

// MyRecord shows the learner's own record, a part of the results at a time. It
// promises Denied, and Invalid for a foreign cursor.
func (b *Bank) MyRecord(ctx context.Context, actor Actor, w Window) (MyRecord, error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return MyRecord{}, err
	}
	my := MyRecord{Account: account}
	if my.Learner, err = b.person(ctx, account); err != nil {
		return MyRecord{}, err
	}
	var results []Result
	if my.Balance, results, err = b.recordSeen(ctx, account, sight{all: true}); err != nil {
		return MyRecord{}, err
	}
	my.Results, err = cut(results, w, func(r Result) Result { return r })
	return my, err
}

// MyEntries lists the learner's own entries of the ledger, as [Bank.Statement] does.
// It promises Denied, and Invalid for a foreign cursor.
func (b *Bank) MyEntries(ctx context.Context, actor Actor, w Window) (Page[Entry], error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return Page[Entry]{}, err
	}
	return b.Statement(ctx, account, w)
}

// MyLooks lists who saw what of the learner who asks, as [Bank.Looks] does. It
// promises Denied, and Invalid for a foreign cursor.
func (b *Bank) MyLooks(ctx context.Context, actor Actor, w Window) (Page[Look], error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return Page[Look]{}, err
	}
	return b.Looks(ctx, actor, account, w)
}
