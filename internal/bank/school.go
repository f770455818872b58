package bank

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// mayIssue says whether the actor may deposit these results: a school's people
// and systems only those of its own institution. It promises Denied, naming each
// other one.
func (a Actor) mayIssue(in []DepositRecord) error {
	if err := a.allow(MayDeposit); err != nil || a.Is(IsOperator) {
		return err
	}
	var others []FieldError
	for i, r := range in {
		if strings.TrimSpace(r.Institution) != a.Institution {
			others = append(others, FieldError{Field: fmt.Sprintf("records[%d].institution", i), Value: r.Institution, Code: "other_issuer",
				Args: map[string]any{"Institution": a.Institution}})
		}
	}
	if len(others) > 0 {
		return &Error{Code: Denied, Key: "error.other_issuer", Fields: others}
	}
	return nil
}

// sight is what an actor sees of an account.
type sight struct {
	issuer string // only results that this institution issued; empty: all
}

func (s sight) of(institution string) bool { return s.issuer == "" || s.issuer == institution }

// sight decides what the actor sees of an account: those who answer for the whole
// bank, the learner, and the learner's own school all of it, another school the
// results it issued. It promises Denied, and NotFound when there is nothing that
// the actor may know of.
func (b *Bank) sight(ctx context.Context, actor Actor, account string) (sight, error) {
	if err := actor.allow(MayRead); err != nil {
		return sight{}, err
	}
	known, own, issued := false, "", false
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		known = true
		return rows.Scan(&own, &issued)
	}, `SELECT coalesce(institution, ''), EXISTS (SELECT 1 FROM record r WHERE r.learner = account AND r.institution = $2) FROM learner WHERE account = $1`,
		account, actor.Institution)
	ofSchool := actor.Institution != "" && actor.Is(IsRegistrar|IsDecider|IsSystem)
	switch {
	case err != nil:
		return sight{}, err
	case known && (actor.seesAll() || actor.Learner == account || ofSchool && actor.Institution == own):
		return sight{}, nil
	case known && ofSchool && issued:
		return sight{issuer: actor.Institution}, nil
	}
	return sight{}, notFound("learner", account)
}

// AccountView is an account as an actor sees it.
type AccountView struct {
	Account string
	Balance
	Partial bool // of all results, only those that the actor's institution issued
}

// ViewAccount gives the balance of an account, as far as the actor may see it.
// It promises Denied and NotFound.
func (b *Bank) ViewAccount(ctx context.Context, actor Actor, account string) (AccountView, error) {
	sees, err := b.sight(ctx, actor, account)
	if err != nil {
		return AccountView{}, err
	}
	v := AccountView{Account: account, Partial: sees.issuer != ""}
	if !v.Partial {
		v.Balance, err = b.Balance(ctx, account)
		return v, err
	}
	standings, err := b.Standings(ctx, account)
	slices.SortFunc(standings, func(x, y Standing) int {
		return cmp.Or(strings.Compare(x.Programme.Institution, y.Programme.Institution), strings.Compare(x.Programme.Code, y.Programme.Code))
	})
	for _, s := range standings {
		if sees.of(s.Institution) && s.Place != "" {
			v.add(s.Place, s.Programme, s.Amount, 1)
		}
	}
	return v, err
}

// Result is a result of an account: what it says, and where it stands.
type Result struct {
	Record
	Standing
}

// ViewResults lists the results of an account that the actor may see, in the
// order of issuers and their references. It promises Denied, NotFound, and
// Invalid for a foreign cursor.
func (b *Bank) ViewResults(ctx context.Context, actor Actor, account string, w Window) (Page[Result], error) {
	sees, err := b.sight(ctx, actor, account)
	if err != nil {
		return Page[Result]{}, err
	}
	standings, err := b.Standings(ctx, account)
	if err != nil {
		return Page[Result]{}, err
	}
	standings = slices.DeleteFunc(standings, func(s Standing) bool { return !sees.of(s.Institution) })
	records, err := b.resultsOf(ctx, account)
	if err != nil {
		return Page[Result]{}, err
	}
	return cut(standings, w, func(s Standing) Result {
		return Result{Record: records[recordKey{s.Institution, s.Reference}], Standing: s}
	})
}

func (b *Bank) resultsOf(ctx context.Context, account string) (map[recordKey]Record, error) {
	records := map[recordKey]Record{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		k, v, err := scanRecord(rows)
		records[k] = v
		return err
	}, selectRecords+` WHERE learner = $1`, account)
	return records, err
}

// ViewStatement lists the entries of an account that the actor may see, in their
// order; the cursor is the number of the last one. It promises Denied, NotFound,
// and Invalid for a foreign cursor.
func (b *Bank) ViewStatement(ctx context.Context, actor Actor, account string, w Window) (Page[Entry], error) {
	sees, err := b.sight(ctx, actor, account)
	if err != nil {
		return Page[Entry]{}, err
	}
	if sees.issuer == "" {
		return b.Statement(ctx, account, w)
	}
	after, limit := int64(-1), Window{Limit: w.Limit}
	if w.Cursor != "" {
		if after, err = strconv.ParseInt(w.Cursor, 10, 64); err != nil || after < 0 {
			return Page[Entry]{}, invalidField("cursor", w.Cursor, "cursor", nil)
		}
	}
	own, err := b.issuedEntries(ctx, account, sees.issuer)
	if err != nil {
		return Page[Entry]{}, err
	}
	rest := slices.DeleteFunc(slices.Clone(own), func(e Entry) bool { return e.Number <= after })
	page, err := cut(rest, limit, func(e Entry) Entry { return e })
	page.Total = len(own)
	if page.Next != "" {
		page.Next = strconv.FormatInt(page.Items[len(page.Items)-1].Number, 10)
	}
	return page, err
}

// issuedEntries are the entries of an account about results of one issuer.
func (b *Bank) issuedEntries(ctx context.Context, account, issuer string) ([]Entry, error) {
	var own []Entry
	for w := (Window{Limit: MaxLimit}); ; {
		page, err := b.Statement(ctx, account, w)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Items {
			if e.Record.Institution == issuer {
				own = append(own, e)
			}
		}
		if w.Cursor = page.Next; w.Cursor == "" {
			return own, nil
		}
	}
}

// ViewProof proves an entry: to everybody that it is in the log, and to an actor
// who may see the entry what it says too. It promises NotFound and Unavailable.
func (b *Bank) ViewProof(ctx context.Context, actor Actor, number int64) (Proof, error) {
	if actor.allow(MayRead) != nil {
		return b.Proof(ctx, number)
	}
	e, err := b.entry(ctx, number)
	if err != nil {
		return Proof{}, err
	}
	for _, owner := range []string{e.Debit.Owner, e.Credit.Owner} {
		sees, err := b.sight(ctx, actor, owner)
		if err == nil && sees.of(e.Record.Institution) {
			return b.prove(ctx, number)
		}
		if err != nil && CodeOf(err) != NotFound {
			return Proof{}, err
		}
	}
	return b.Proof(ctx, number)
}
