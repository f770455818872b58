package bank

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// LearnerQuery says which learners are meant; what is empty asks for nothing.
type LearnerQuery struct {
	Account string // exact
	Name    string // within a school its beginning, in the whole bank exact
	Number  string // of a document or a school number, exact
}

// what names what is asked for, without the values.
func (q LearnerQuery) what() string {
	var asked []string
	for _, part := range [][2]string{{"account", q.Account}, {"name", q.Name}, {"number", q.Number}} {
		if strings.TrimSpace(part[1]) != "" {
			asked = append(asked, part[0])
		}
	}
	return strings.Join(asked, " ")
}

// FindLearners lists learners, masked, in the order of their accounts: of the actor's
// school, and of the whole bank for administrators, auditors and the operator. That
// the actor searched is noted once a day, by what and not for whom. It promises
// Denied, Invalid for a foreign cursor, and Unavailable (error.personal_no_key).
func (b *Bank) FindLearners(ctx context.Context, actor Actor, q LearnerQuery, w Window) (Page[LearnerView], error) {
	if err := actor.allow(MayRead); err != nil {
		return Page[LearnerView]{}, err
	}
	if err := actor.need(IsRegistrar | IsDecider | IsSystem | IsAdministrator | IsAuditor | IsOperator); err != nil {
		return Page[LearnerView]{}, err
	}
	where, args, err := b.learnerFilter(actor, q)
	if err != nil {
		return Page[LearnerView]{}, err
	}
	if err := b.noteDaily(ctx, actor, note{Action: "learner.search", Object: q.what()}); err != nil {
		return Page[LearnerView]{}, err
	}
	if begin := normalName(q.Name); begin != "" && !actor.seesAll() {
		return b.learnersByName(ctx, begin, where, args, w)
	}
	return b.learnersPage(ctx, where, args, w)
}

// learnerFilter is the condition of a query within the actor's scope. Names within a
// school are looked at when they are open.
func (b *Bank) learnerFilter(actor Actor, q LearnerQuery) (where string, args []any, err error) {
	scope := actor.personScope()
	where, args = personScope, append(scope[:2:2], "") // nobody searches as a learner
	if account := strings.TrimSpace(q.Account); account != "" {
		args = append(args, account)
		where += fmt.Sprintf(" AND l.account = $%d", len(args))
	}
	var digests [][][]byte
	if number := normalNumber(q.Number); number != "" {
		of, err := b.blindNumbers(number)
		if err != nil {
			return "", nil, err
		}
		digests = append(digests, of)
	}
	if name := normalName(q.Name); name != "" && actor.seesAll() {
		digest, err := b.blind(indexName, name)
		if err != nil {
			return "", nil, err
		}
		digests = append(digests, [][]byte{digest})
	}
	for _, of := range digests {
		var marks []string
		for _, digest := range of {
			args = append(args, digest)
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		}
		where += " AND l.account IN (SELECT i.learner FROM learner_index i WHERE i.digest IN (" + strings.Join(marks, ", ") + "))"
	}
	return where, args, nil
}

// learnersByName opens the learners of a school and takes those whose name, or a part
// of it behind a blank or a dot, begins so.
func (b *Bank) learnersByName(ctx context.Context, begin, where string, args []any, w Window) (Page[LearnerView], error) {
	var found []LearnerView
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		v, err := b.scanView(rows)
		if err == nil && beginsPart(normalName(v.Name), begin) {
			found = append(found, v)
		}
		return err
	}, selectViews+where+` ORDER BY l.account`, args...)
	if err != nil {
		return Page[LearnerView]{}, err
	}
	return cut(found, w, LearnerView.masked)
}

func beginsPart(name, begin string) bool {
	return strings.HasPrefix(name, begin) || strings.Contains(name, " "+begin) || strings.Contains(name, "·"+begin)
}

func (v LearnerView) masked() LearnerView {
	v.Person = v.Masked()
	return v
}

// learnersPage reads one part of a list, and opens no other rows.
func (b *Bank) learnersPage(ctx context.Context, where string, args []any, w Window) (Page[LearnerView], error) {
	start, limit, err := w.part()
	if err != nil {
		return Page[LearnerView]{}, err
	}
	page := Page[LearnerView]{Items: []LearnerView{}}
	count := `SELECT count(*) FROM learner l WHERE l.erased_at IS NULL` + where
	if err := b.db.reader.GetContext(ctx, &page.Total, b.db.bind(count), args...); err != nil {
		return page, err
	}
	n := len(args)
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		v, err := b.scanView(rows)
		page.Items = append(page.Items, v.masked())
		return err
	}, selectViews+where+fmt.Sprintf(" ORDER BY l.account LIMIT $%d OFFSET $%d", n+1, n+2), append(args, limit, start)...)
	if next := start + len(page.Items); next < page.Total && len(page.Items) > 0 {
		page.Next = fmt.Sprint(next)
	}
	return page, err
}
