package bank

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditbank/internal/calendar"
)

// AuditQuery narrows the audit log; what is empty narrows nothing.
type AuditQuery struct {
	Actor   string // number of a login or token, or operator
	Subject string // account of a learner
	Object  string // what was acted on
	Action  string // a word
	From    string // the first day, 2026-09-01
	Until   string // the last day
}

// auditReaders are those who may read the audit log.
const auditReaders = IsAuditor | IsAdministrator | IsOperator

// AuditSearch lists rows of the audit log, the newest first. The cursor is the
// number of the last row. The search itself is noted, once a day for each learner
// that is searched for. It promises Denied, and Invalid for a foreign cursor and,
// naming from or until, for what is no day.
func (b *Bank) AuditSearch(ctx context.Context, actor Actor, q AuditQuery, w Window) (Page[AuditRow], error) {
	if err := actor.need(auditReaders); err != nil {
		return Page[AuditRow]{}, err
	}
	f, err := q.filter()
	if err != nil {
		return Page[AuditRow]{}, err
	}
	subject, err := b.searchedFor(ctx, q.Subject)
	if err == nil {
		err = b.noteDaily(ctx, actor, note{Action: "audit.search", Subject: subject})
	}
	if err != nil {
		return Page[AuditRow]{}, err
	}
	return b.auditPage(ctx, f, w)
}

// searchedFor is the account that was searched for, as it may be noted: what else
// people type there, a name perhaps, is nobody's account and is not kept.
func (b *Bank) searchedFor(ctx context.Context, typed string) (account string, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&account) }, `SELECT account FROM learner WHERE account = $1`, typed)
	return account, err
}

// AuditExport gives a header and then the rows of the audit log in their order,
// with number and link, so that the chain can be checked elsewhere (docs/ledger-format.md).
// Rows that come meanwhile are left out. The export itself is noted. It promises Denied, and Invalid as AuditSearch does.
func (b *Bank) AuditExport(ctx context.Context, actor Actor, q AuditQuery, emit func(cells ...string) error) error {
	if err := actor.need(auditReaders); err != nil {
		return err
	}
	f, err := q.filter()
	if err != nil {
		return err
	}
	subject, err := b.searchedFor(ctx, q.Subject)
	if err == nil {
		err = b.write(ctx, actor, func(t *tx) error { return t.note(note{Action: "audit.export", Subject: subject}) })
	}
	if err != nil {
		return err
	}
	if err := emit("number", "at", "actor", "role", "institution", "origin", "action", "object", "subject", "detail", "purpose", "link"); err != nil {
		return err
	}
	end, err := auditHead(b.reading(ctx))
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		// A part at a time, so that a slow reader keeps nobody's view of the database open.
		part := auditFilter{slices.Clone(f.conditions), slices.Clone(f.args)}
		part.where(`seq > $`, after)
		part.where(`seq <= $`, end.N)
		rows, err := b.auditRows(ctx, part, `seq`, auditPart)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			err := emit(strconv.FormatInt(r.Number, 10), strconv.FormatInt(r.At, 10), r.Actor, r.Role, r.Institution, r.Origin, r.Action, r.Object, r.Subject, r.Detail, r.Purpose, r.Link.String())
			if err != nil {
				return err
			}
			after = r.Number
		}
	}
}

// auditPart is how many rows an export reads at once.
const auditPart = 1000

// auditFilter is the condition of a query and its arguments.
type auditFilter struct {
	conditions []string
	args       []any
}

// where adds a condition in which every $ stands for the value.
func (f *auditFilter) where(condition string, value any) {
	f.args = append(f.args, value)
	f.conditions = append(f.conditions, strings.ReplaceAll(condition, "$", "$"+strconv.Itoa(len(f.args))))
}

func (f *auditFilter) text() string {
	if len(f.conditions) == 0 {
		return ""
	}
	return ` WHERE ` + strings.Join(f.conditions, ` AND `)
}

// filter is the condition of the query. It promises Invalid, naming from or until.
func (q AuditQuery) filter() (f auditFilter, err error) {
	for _, c := range [...]struct{ condition, value string }{{`actor = $`, q.Actor}, {`subject = $`, q.Subject}, {`object = $`, q.Object}, {`action = $`, q.Action}} {
		if c.value != "" {
			f.where(c.condition, c.value)
		}
	}
	var faults []FieldError
	for _, c := range [...]struct {
		field, condition, value string
		later                   calendar.Day
	}{{"from", `at >= $`, q.From, 0}, {"until", `at < $`, q.Until, 1}} {
		day, err := calendar.Parse(c.value)
		switch {
		case c.value == "":
		case err != nil:
			faults = append(faults, FieldError{Field: c.field, Value: c.value, Code: "date"})
		default:
			f.where(c.condition, micros((day + c.later).Begin()))
		}
	}
	if len(faults) > 0 {
		return f, invalidFields(faults)
	}
	return f, nil
}

// auditPage is a part of the rows, the newest first.
func (b *Bank) auditPage(ctx context.Context, f auditFilter, w Window) (page Page[AuditRow], err error) {
	_, limit, err := Window{Limit: w.Limit}.part()
	if err != nil {
		return page, err
	}
	if err := b.db.reader.GetContext(ctx, &page.Total, b.db.bind(`SELECT count(*) FROM audit`+f.text()), f.args...); err != nil {
		return page, err
	}
	if w.Cursor != "" {
		before, err := strconv.ParseInt(w.Cursor, 10, 64)
		if err != nil || before < 0 {
			return page, invalidField("cursor", w.Cursor, "cursor", nil)
		}
		f.where(`seq < $`, before)
	}
	page.Items, err = b.auditRows(ctx, f, `seq DESC`, limit+1)
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = strconv.FormatInt(page.Items[limit-1].Number, 10)
	}
	return page, err
}

func (b *Bank) auditRows(ctx context.Context, f auditFilter, order string, limit int) (found []AuditRow, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		row, err := scanAudit(rows)
		found = append(found, row)
		return err
	}, `SELECT `+auditColumns+` FROM audit`+f.text()+` ORDER BY `+order+` LIMIT `+strconv.Itoa(limit), f.args...)
	return found, err
}

// Moment is when the row was written.
func (r AuditRow) Moment() time.Time { return time.UnixMicro(r.At) }
