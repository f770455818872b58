package bank

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"creditbank/internal/transfer"
)

// Who sees flags: school people those of rules that concern their school, and these all.
const (
	flagReadersOfAll = IsAdministrator | IsAuditor | IsOperator
	flagReaders      = flagReadersOfAll | IsRegistrar | IsExpert | IsDecider
)

// RuleFlag says that a course was changed on which a published rule stands, and that
// nobody has said yet that the rule still holds.
type RuleFlag struct {
	transfer.RuleRef
	Institution string // which awards: the receiving one
	Source      bool   // the rule takes the course
	Target      bool   // the rule awards the course
	Made        time.Time
	Change      CourseChange
	MayConfirm  bool // the actor who asks
}

// mayConfirm says whether the actor answers for what an institution awards.
func (a Actor) mayConfirm(institution string) bool {
	return a.Is(IsAdministrator|IsOperator) || a.Is(IsRegistrar|IsDecider) && a.Institution == institution && institution != ""
}

// RuleFlags lists the flags that are open, the oldest first: those of rules that the
// actor's school awards by, or whose course is the school's own; all for
// administrators, auditors and the operator. It promises Denied, and Invalid for a
// foreign cursor.
func (b *Bank) RuleFlags(ctx context.Context, actor Actor, w Window) (Page[RuleFlag], error) {
	if err := actor.need(flagReaders); err != nil {
		return Page[RuleFlag]{}, err
	}
	start, limit, err := w.part()
	if err != nil {
		return Page[RuleFlag]{}, err
	}
	all, school := actor.Is(flagReadersOfAll), actor.Institution
	const from = ` FROM rule_flag f JOIN course_change c ON c.id = f.change JOIN equivalence e ON e.code = f.equivalence AND e.version = f.version
		WHERE f.confirmed_at IS NULL AND ($1 OR f.institution = $2 OR c.institution = $2) AND ` + lastPublished
	page := Page[RuleFlag]{Items: []RuleFlag{}}
	read := b.reading(ctx)
	if err := read(func(rows *sql.Rows) error { return rows.Scan(&page.Total) }, `SELECT count(*)`+from, all, school); err != nil {
		return page, err
	}
	err = read(func(rows *sql.Rows) error {
		f, err := scanFlag(rows)
		f.MayConfirm = actor.mayConfirm(f.Institution)
		page.Items = append(page.Items, f)
		return err
	}, `SELECT f.equivalence, f.version, f.institution, f.is_source, f.is_target, f.made_at, c.id`+from+` ORDER BY f.made_at, f.equivalence, c.n LIMIT $3 OFFSET $4`, all, school, limit, start)
	if err != nil {
		return page, err
	}
	if start+len(page.Items) < page.Total {
		page.Next = stampText(start + len(page.Items))
	}
	return page, read.changesOf(page.Items)
}

func scanFlag(rows *sql.Rows) (f RuleFlag, err error) {
	var at int64
	err = rows.Scan(&f.RuleRef.Code, &f.Version, &f.Institution, &f.Source, &f.Target, &at, &f.Change.ID)
	f.Made = fromMicros(at)
	return f, err
}

// changesOf reads the changes that flags are about.
func (read reading) changesOf(flags []RuleFlag) error {
	args, known := []any{}, map[string]CourseChange{}
	for _, f := range flags {
		args = append(args, f.Change.ID)
	}
	err := read.lookup(args, 1, func(rows *sql.Rows) error {
		c, err := scanChange(rows)
		known[c.ID] = c
		return err
	}, selectChanges+` WHERE c.id IN (SELECT v.column1`, `)`)
	for i := range flags {
		flags[i].Change = known[flags[i].Change.ID]
	}
	return err
}

// FlaggedRules counts the rules with open flags that the actor may confirm. It promises Denied.
func (b *Bank) FlaggedRules(ctx context.Context, actor Actor) (n int, err error) {
	if err := actor.need(flagReaders); err != nil {
		return 0, err
	}
	err = b.reading(ctx)(func(rows *sql.Rows) error { return rows.Scan(&n) },
		`SELECT count(DISTINCT f.equivalence) FROM rule_flag f JOIN equivalence e ON e.code = f.equivalence AND e.version = f.version
		WHERE f.confirmed_at IS NULL AND ($1 OR f.institution = $2) AND `+lastPublished, actor.Is(flagReadersOfAll), actor.Institution)
	return n, err
}

// ConfirmRule says that a published rule still holds although courses were changed on
// which it stands: its flags are done. It is for registrars and deciders of the
// receiving school, and for administrators. It promises Denied, and NotFound for a rule
// that has no open flag or is not for this actor to know of.
func (b *Bank) ConfirmRule(ctx context.Context, actor Actor, ref transfer.RuleRef) error {
	if err := actor.need(IsRegistrar | IsDecider | IsAdministrator | IsOperator); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		institution, open := "", 0
		err := t.each(func(rows *sql.Rows) error { return rows.Scan(&institution, &open) },
			`SELECT coalesce(max(institution), ''), count(*) FROM rule_flag WHERE equivalence = $1 AND version = $2 AND confirmed_at IS NULL`, ref.Code, ref.Version)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s@%d", ref.Code, ref.Version)
		if open == 0 || !actor.mayConfirm(institution) {
			return notFound("flag", name)
		}
		if err := t.exec(`UPDATE rule_flag SET confirmed_at = $1, confirmed_by = $2 WHERE equivalence = $3 AND version = $4 AND confirmed_at IS NULL`,
			micros(t.now), t.actor.Name, ref.Code, ref.Version); err != nil {
			return err
		}
		return t.audit("rule.confirm", name, fmt.Sprintf("flags=%d", open))
	})
}
