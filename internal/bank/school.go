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

// sight is what an actor sees of an account; the zero value is nothing.
type sight struct {
	all     bool
	issuers []string // otherwise, the results that these institutions issued
}

func (s sight) of(institution string) bool { return s.all || slices.Contains(s.issuers, institution) }

// sight decides what the actor sees of an account: those who answer for the whole
// bank, the learner, and the learner's own school all of it; another school the
// results it issued, and what the learner gave it leave to see. It promises Denied,
// and NotFound when there is nothing that the actor may know of.
func (b *Bank) sight(ctx context.Context, actor Actor, account string) (sight, error) {
	if err := actor.allow(MayRead); err != nil {
		return sight{}, err
	}
	if !actor.seesAll() && actor.Learner != account {
		return b.schoolSight(ctx, actor, account)
	}
	known := false
	err := b.db.each(ctx, func(*sql.Rows) error { known = true; return nil }, `SELECT 1 FROM learner WHERE account = $1`, account)
	if err == nil && !known {
		err = notFound("learner", account)
	}
	return sight{all: known}, err
}

// schoolSight is what a school's people and systems see, today. A row is whether
// the school is the learner's own, whether it issued results, and what one leave shows.
func (b *Bank) schoolSight(ctx context.Context, actor Actor, account string) (sight, error) {
	var sees sight
	if actor.Institution == "" || !actor.Is(IsRegistrar|IsDecider|IsSystem) {
		return sees, notFound("learner", account)
	}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var own, issued, whole bool
		var issuer string
		err := rows.Scan(&own, &issued, &whole, &issuer)
		sees.all = sees.all || own || whole
		if issued && !slices.Contains(sees.issuers, actor.Institution) {
			sees.issuers = append(sees.issuers, actor.Institution)
		}
		if issuer != "" && !slices.Contains(sees.issuers, issuer) {
			sees.issuers = append(sees.issuers, issuer)
		}
		return err
	}, `SELECT coalesce(l.institution, '') = $2, EXISTS (SELECT 1 FROM record r WHERE r.learner = l.account AND r.institution = $2),
			coalesce(s.whole, FALSE), coalesce(i.institution, '')
		FROM learner l
		LEFT JOIN share s ON s.learner = l.account AND s.institution = $2 AND s.withdrawn_at IS NULL AND s.until_on >= $3
		LEFT JOIN share_issuer i ON i.learner = s.learner AND i.share = s.id
		WHERE l.account = $1`, account, actor.Institution, b.Today())
	if err == nil && !sees.all && len(sees.issuers) == 0 {
		err = notFound("learner", account)
	}
	return sees, err
}

// AccountView is an account as an actor sees it.
type AccountView struct {
	Account string
	Balance
	Partial bool // of all results, only those that the actor may see
}

// ViewAccount gives the balance of an account, as far as the actor may see it.
// It promises Denied and NotFound.
func (b *Bank) ViewAccount(ctx context.Context, actor Actor, account string) (AccountView, error) {
	sees, err := b.see(ctx, actor, account, "account")
	if err != nil {
		return AccountView{}, err
	}
	v := AccountView{Account: account, Partial: !sees.all}
	v.Balance, err = b.balanceSeen(ctx, account, sees)
	return v, err
}

// balanceSeen is the balance of what is seen of an account. It promises NotFound.
func (b *Bank) balanceSeen(ctx context.Context, account string, sees sight) (Balance, error) {
	if sees.all {
		return b.Balance(ctx, account)
	}
	standings, err := b.Standings(ctx, account)
	slices.SortFunc(standings, func(x, y Standing) int {
		return cmp.Or(strings.Compare(x.Programme.Institution, y.Programme.Institution), strings.Compare(x.Programme.Code, y.Programme.Code))
	})
	var sum Balance
	for _, s := range standings {
		if sees.of(s.Institution) && s.Place != "" {
			sum.add(s.Place, s.Programme, s.Amount, 1)
		}
	}
	return sum, err
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
	sees, err := b.see(ctx, actor, account, "records")
	if err != nil {
		return Page[Result]{}, err
	}
	results, err := b.resultsSeen(ctx, account, sees)
	if err != nil {
		return Page[Result]{}, err
	}
	return cut(results, w, func(r Result) Result { return r })
}

// resultsSeen lists what is seen of the results of an account, in the order of
// issuers and their references. It promises NotFound.
func (b *Bank) resultsSeen(ctx context.Context, account string, sees sight) ([]Result, error) {
	standings, err := b.Standings(ctx, account)
	if err != nil {
		return nil, err
	}
	records, err := b.resultsOf(ctx, account)
	if err != nil {
		return nil, err
	}
	results := make([]Result, 0, len(standings))
	for _, s := range standings {
		if sees.of(s.Institution) {
			results = append(results, Result{Record: records[recordKey{s.Institution, s.Reference}], Standing: s})
		}
	}
	return results, nil
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
	sees, err := b.see(ctx, actor, account, "statement")
	if err != nil {
		return Page[Entry]{}, err
	}
	if sees.all {
		return b.Statement(ctx, account, w)
	}
	after, limit := int64(-1), Window{Limit: w.Limit}
	if w.Cursor != "" {
		if after, err = strconv.ParseInt(w.Cursor, 10, 64); err != nil || after < 0 {
			return Page[Entry]{}, invalidField("cursor", w.Cursor, "cursor", nil)
		}
	}
	own, err := b.entriesSeen(ctx, account, sees)
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

// entriesSeen are the entries of an account about results that are seen.
func (b *Bank) entriesSeen(ctx context.Context, account string, sees sight) ([]Entry, error) {
	var own []Entry
	for w := (Window{Limit: MaxLimit}); ; {
		page, err := b.Statement(ctx, account, w)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Items {
			if sees.of(e.Record.Institution) {
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
			if err := b.lookAtEntry(ctx, actor, e); err != nil {
				return Proof{}, err
			}
			return b.prove(ctx, number)
		}
		if err != nil && CodeOf(err) != NotFound {
			return Proof{}, err
		}
	}
	return b.Proof(ctx, number)
}
