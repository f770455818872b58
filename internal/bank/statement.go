package bank

import (
	"context"
	"database/sql"
	"strconv"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/ledger"
	"creditbank/internal/transfer"
)

// Balance is what stands in an account, in hundredths of a credit.
type Balance struct {
	Available, Held, Expired credit.Amount
	Records                  int                // results that stand in the account, wherever in it
	Programmes               []ProgrammeBalance // what is applied and redeemed, by programme
	MergedInto               string             // account that this one was merged into; empty: none
}

// ProgrammeBalance is what counts in one programme.
type ProgrammeBalance struct {
	transfer.ProgrammeKey
	Applied, Redeemed credit.Amount
}

// Balance tells what stands in an account. It promises NotFound.
func (b *Bank) Balance(ctx context.Context, account string) (Balance, error) {
	var sum Balance
	if err := b.account(ctx, account, &sum.MergedInto); err != nil {
		return Balance{}, err
	}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var place string
		var at transfer.ProgrammeKey
		var amount credit.Amount
		var records int
		err := rows.Scan(&place, &at.Institution, &at.Code, &amount, &records)
		sum.add(place, at, amount, records)
		return err
	}, `SELECT standing, coalesce(standing_institution, ''), coalesce(standing_programme, ''), CAST(sum(worth) AS BIGINT), count(*)
		FROM record WHERE learner = $1 AND standing <> '' GROUP BY standing, standing_institution, standing_programme ORDER BY 2, 3, 1`, account)
	return sum, err
}

func (sum *Balance) add(place string, at transfer.ProgrammeKey, amount credit.Amount, records int) {
	sum.Records += records
	switch place {
	case ledger.Available.String():
		sum.Available += amount
		return
	case ledger.Held.String():
		sum.Held += amount
		return
	case ledger.Expired.String():
		sum.Expired += amount
		return
	}
	if n := len(sum.Programmes); n == 0 || sum.Programmes[n-1].ProgrammeKey != at {
		sum.Programmes = append(sum.Programmes, ProgrammeBalance{ProgrammeKey: at})
	}
	p := &sum.Programmes[len(sum.Programmes)-1]
	if place == ledger.Applied.String() {
		p.Applied += amount
	} else {
		p.Redeemed += amount
	}
}

// account promises NotFound for an account that is none, and tells what it was merged into.
func (b *Bank) account(ctx context.Context, account string, into *string) error {
	known := false
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		known = true
		return rows.Scan(into)
	}, `SELECT coalesce(m.into_account, '') FROM learner l LEFT JOIN learner_merge m ON m.account = l.account WHERE l.account = $1`, account)
	if err == nil && !known {
		err = notFound("learner", account)
	}
	return err
}

// entriesOf are the numbers of the entries of an account, $1. A deposit is in no index
// by learner, which nearly every deposit would write a page of: it is found by the
// results that the account has, and by those that it had, of which another entry tells.
const entriesOf = `(
	SELECT number FROM entry WHERE learner = $1 AND kind <> 'deposit'
	UNION SELECT number FROM entry WHERE joined = $1
	UNION SELECT d.number FROM record r JOIN entry d ON d.institution = r.institution AND d.reference = r.reference WHERE r.learner = $1 AND d.kind = 'deposit' AND d.learner = $1
	UNION SELECT d.number FROM entry m JOIN entry d ON d.institution = m.institution AND d.reference = m.reference
		WHERE m.learner = $1 AND m.kind <> 'deposit' AND d.kind = 'deposit' AND d.learner = $1) AS own`

// Statement lists the entries of an account in the order of their numbers. The
// cursor is the number of the last, so a page stays as it is while others are
// booked. It promises NotFound for the account and Invalid for a cursor that is none of ours.
func (b *Bank) Statement(ctx context.Context, account string, w Window) (Page[Entry], error) {
	var into string
	if err := b.account(ctx, account, &into); err != nil {
		return Page[Entry]{}, err
	}
	after := int64(-1)
	_, limit, err := Window{Limit: w.Limit}.part()
	if err == nil && w.Cursor != "" {
		if after, err = strconv.ParseInt(w.Cursor, 10, 64); err != nil || after < 0 || strconv.FormatInt(after, 10) != w.Cursor {
			err = invalidField("cursor", w.Cursor, "cursor", nil)
		}
	}
	if err != nil {
		return Page[Entry]{}, err
	}
	page := Page[Entry]{Items: []Entry{}}
	if err := b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&page.Total) },
		`SELECT count(*) FROM `+entriesOf, account); err != nil {
		return Page[Entry]{}, err
	}
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		page.Items = append(page.Items, e)
		return err
	}, `SELECT `+entryColumns+` FROM `+entriesOf+` JOIN entry e ON e.number = own.number WHERE e.number > $2 ORDER BY e.number LIMIT $3`, account, after, limit+1)
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = strconv.FormatInt(page.Items[limit-1].Number, 10)
	}
	return page, err
}

// Standing is where a result stands.
type Standing struct {
	RecordRef
	Place     string // available, held, applied, redeemed, expired; empty: its deposit is reversed
	Programme transfer.ProgrammeKey
	Deposited credit.Amount // what it was deposited with
	Amount    credit.Amount // what stands there: in a programme what it is worth in it
	Last      int64         // number of its last entry
	Valid     calendar.Day  // the last day on which it holds; None: nothing says so
}

// Standings tells where every result of an account stands. It promises NotFound.
func (b *Bank) Standings(ctx context.Context, account string) ([]Standing, error) {
	var into string
	if err := b.account(ctx, account, &into); err != nil {
		return nil, err
	}
	list := []Standing{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var s Standing
		var valid sql.NullInt32
		err := rows.Scan(&s.Institution, &s.Reference, &s.Place, &s.Programme.Institution, &s.Programme.Code, &s.Deposited, &s.Amount, &s.Last, &valid)
		s.Valid = dayOr(valid)
		list = append(list, s)
		return err
	}, `SELECT institution, reference, standing, coalesce(standing_institution, ''), coalesce(standing_programme, ''), deposited, worth, coalesce(last_entry, -1), valid_to
		FROM record WHERE learner = $1 ORDER BY institution, reference`, account)
	return list, err
}

// Trial is the trial balance: the balances of all accounts by place. Their sum is zero.
type Trial struct {
	Size   int64 // of the ledger
	Places map[string]credit.Amount
	Sum    credit.Amount
	Loss   credit.Amount // balance of the conversion account: what conversions have lost, or below zero gained
}

// TrialBalance adds up the whole ledger.
func (b *Bank) TrialBalance(ctx context.Context) (Trial, error) {
	sum := Trial{Places: map[string]credit.Amount{}}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var from, to string
		var amount credit.Amount
		var entries int64
		if err := rows.Scan(&from, &to, &amount, &entries); err != nil {
			return err
		}
		sum.Size += entries
		sum.Places[from] -= amount
		sum.Places[to] += amount
		return nil
	}, `SELECT `+placeOf("debit")+`, `+placeOf("credit")+`, CAST(sum(amount) AS BIGINT), count(*) FROM entry GROUP BY 1, 2`)
	for _, amount := range sum.Places {
		sum.Sum += amount
	}
	sum.Loss = sum.Places[ledger.Conversion.String()]
	return sum, err
}

// placeOf is the place of a stored account, in both databases.
func placeOf(column string) string {
	text := "CASE"
	for place := ledger.Issuer; place <= ledger.Expired; place++ {
		text += " WHEN " + column + " LIKE '" + place.String() + "%' THEN '" + place.String() + "'"
	}
	return text + " ELSE '' END"
}

// CreditLoss is the bank's credit-loss figure: what conversions have lost, or below zero gained.
func (b *Bank) CreditLoss(ctx context.Context) (credit.Amount, error) {
	trial, err := b.TrialBalance(ctx)
	return trial.Loss, err
}
