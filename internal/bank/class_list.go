package bank

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// ClassQuery says which learners of a school are meant; what is empty asks for nothing.
type ClassQuery struct {
	LearnerQuery
	Programme string // code; "-": none
	Entered   int    // year; 0: any
	Lacks     string // one of LearnerLacks
}

// LearnerLacks are the things that a learner may be without, as people ask for them: a
// login, a programme, a day of entry, a number by which they are known, and results of
// the school.
func LearnerLacks() []string {
	return []string{"login", "programme", "entered_on", "number", "results"}
}

// lacking is the condition under which a learner l is without something.
func lacking() map[string]string {
	return map[string]string{
		"login":      `NOT EXISTS (SELECT 1 FROM login g WHERE g.learner = l.account)`,
		"programme":  `l.programme IS NULL`,
		"entered_on": `l.entered_on IS NULL`,
		"number":     `NOT EXISTS (SELECT 1 FROM learner_index n WHERE n.learner = l.account AND n.field IN ('id_number', 'school_number'))`,
		"results":    `NOT EXISTS (SELECT 1 FROM record r WHERE r.learner = l.account AND r.institution = l.institution AND r.standing <> '')`,
	}
}

// ClassRow is a learner of a school with what the school looks for in a list.
type ClassRow struct {
	LearnerView
	Results   int           // of any issuer
	Available credit.Amount // what was deposited and is not held or used
	Lacks     []string      // of LearnerLacks
}

// SchoolClass is the learners of one programme who entered it in one year.
type SchoolClass struct {
	Programme string // code; empty: none
	Entered   int    // year; 0: not known
	Learners  int
}

// ClassList lists the learners of the actor's school, masked, in the order of their
// accounts. That the actor searched is noted as [Bank.FindLearners] does. It promises
// Denied; Invalid for a foreign cursor and, naming lacks, for what is none; and
// Unavailable (error.personal_no_key).
func (b *Bank) ClassList(ctx context.Context, actor Actor, q ClassQuery, w Window) (Page[ClassRow], error) {
	none := Page[ClassRow]{}
	if err := actor.need(IsRegistrar | IsDecider); err != nil {
		return none, err
	}
	where, args, err := b.classFilter(actor, q)
	if err != nil {
		return none, err
	}
	if err := b.noteDaily(ctx, actor, note{Action: "learner.search", Object: q.what()}); err != nil {
		return none, err
	}
	var found Page[LearnerView]
	if begin := normalName(q.Name); begin != "" {
		found, err = b.learnersByName(ctx, begin, where, args, w)
	} else {
		found, err = b.learnersPage(ctx, where, args, w)
	}
	if err != nil {
		return none, err
	}
	rows := make([]ClassRow, len(found.Items))
	for i, v := range found.Items {
		rows[i].LearnerView = v
	}
	return Page[ClassRow]{Items: rows, Total: found.Total, Next: found.Next}, b.readClassRows(ctx, rows)
}

// classFilter is the condition of a query within the actor's school.
func (b *Bank) classFilter(actor Actor, q ClassQuery) (where string, args []any, err error) {
	actor.Roles &= IsRegistrar | IsDecider // who is also of the bank looks at the school here
	if where, args, err = b.learnerFilter(actor, q.LearnerQuery); err != nil {
		return "", nil, err
	}
	lack, known := lacking()[q.Lacks]
	switch {
	case q.Lacks != "" && !known:
		return "", nil, invalidField("lacks", q.Lacks, "choice", map[string]any{"Choices": strings.Join(LearnerLacks(), ", ")})
	case known:
		where += " AND " + lack
	}
	switch q.Programme {
	case "":
	case "-":
		where += " AND l.programme IS NULL"
	default:
		args = append(args, q.Programme)
		where += fmt.Sprintf(" AND l.programme = $%d", len(args))
	}
	if q.Entered != 0 {
		args = append(args, calendar.Date(q.Entered, time.January, 1), calendar.Date(q.Entered, time.December, 31))
		where += fmt.Sprintf(" AND l.entered_on >= $%d AND l.entered_on <= $%d", len(args)-1, len(args))
	}
	return where, args, nil
}

// readClassRows adds what the list says of each learner.
func (b *Bank) readClassRows(ctx context.Context, list []ClassRow) error {
	if len(list) == 0 {
		return nil
	}
	at, marks, args := map[string]int{}, make([]string, len(list)), make([]any, len(list))
	for i := range list {
		at[list[i].Account], marks[i], args[i] = i, fmt.Sprintf("$%d", i+1), list[i].Account
	}
	in := ` l.account IN (` + strings.Join(marks, ", ") + `)`
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var account string
		var results int
		var available credit.Amount
		err := rows.Scan(&account, &results, &available)
		list[at[account]].Results, list[at[account]].Available = results, available
		return err
	}, `SELECT l.account, count(*), CAST(coalesce(sum(CASE WHEN r.standing = 'available' THEN r.deposited ELSE 0 END), 0) AS BIGINT)
		FROM learner l JOIN record r ON r.learner = l.account AND r.standing <> '' WHERE`+in+` GROUP BY l.account`, args...)
	if err != nil {
		return err
	}
	for _, lack := range LearnerLacks() {
		err := b.db.each(ctx, func(rows *sql.Rows) error {
			var account string
			err := rows.Scan(&account)
			list[at[account]].Lacks = append(list[at[account]].Lacks, lack)
			return err
		}, `SELECT l.account FROM learner l WHERE`+in+` AND `+lacking()[lack], args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// SchoolClasses lists the classes of the actor's school, the last year first. It
// promises Denied.
func (b *Bank) SchoolClasses(ctx context.Context, actor Actor) ([]SchoolClass, error) {
	if err := actor.need(IsRegistrar | IsDecider); err != nil {
		return nil, err
	}
	var classes []SchoolClass
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var c SchoolClass
		var entered calendar.Day
		if err := rows.Scan(&c.Programme, &entered, &c.Learners); err != nil {
			return err
		}
		if entered != calendar.None {
			c.Entered, _, _ = entered.Date()
		}
		same := func(k SchoolClass) bool { return k.Programme == c.Programme && k.Entered == c.Entered }
		if i := slices.IndexFunc(classes, same); i >= 0 {
			classes[i].Learners += c.Learners
		} else {
			classes = append(classes, c)
		}
		return nil
	}, `SELECT coalesce(l.programme, ''), coalesce(l.entered_on, -2147483648), count(*) FROM learner l
		WHERE l.institution = $1 AND l.erased_at IS NULL GROUP BY l.programme, l.entered_on`, actor.Institution)
	slices.SortFunc(classes, func(x, y SchoolClass) int {
		return cmp.Or(cmp.Compare(y.Entered, x.Entered), strings.Compare(x.Programme, y.Programme))
	})
	return classes, err
}

// LearnerGaps counts, of the learners of the actor's school that a query means, those
// who are without something, by [LearnerLacks]. It promises the codes of [Bank.ClassList].
func (b *Bank) LearnerGaps(ctx context.Context, actor Actor, q ClassQuery) (map[string]int, error) {
	if err := actor.need(IsRegistrar | IsDecider); err != nil {
		return nil, err
	}
	where, args, err := b.classFilter(actor, ClassQuery{Programme: q.Programme, Entered: q.Entered})
	if err != nil {
		return nil, err
	}
	gaps := map[string]int{}
	for _, lack := range LearnerLacks() {
		n := 0
		err := b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&n) },
			`SELECT count(*) FROM learner l WHERE l.erased_at IS NULL`+where+` AND `+lacking()[lack], args...)
		if err != nil {
			return nil, err
		}
		gaps[lack] = n
	}
	return gaps, nil
}
