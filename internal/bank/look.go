package bank

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"creditbank/internal/calendar"
)

// Look is one look at a learner's things, as the learner may know of it.
type Look struct {
	At          time.Time `json:"at"`
	Who         string    `json:"who"` // number of the login or token, or operator; never a name
	Institution string    `json:"institution,omitempty"`
	Role        string    `json:"role"`
	What        string    `json:"what"`
	Purpose     string    `json:"purpose,omitempty"`
}

// lookAction is how the audit log names looks; their object is what was seen.
const lookAction = "look"

// look notes that the actor is about to see something of a learner: before it is
// shown, so that nothing is seen that is not noted. The same look of the same actor
// is noted once a day of the bank. Learners' looks at themselves are not noted.
// It promises Invalid for a purpose that is too long or no text, and the codes of [Bank.write].
func (b *Bank) look(ctx context.Context, actor Actor, account, what, purpose string) error {
	if actor.Is(IsLearner) && actor.Learner == account {
		return nil
	}
	return b.noteDaily(ctx, actor, note{Action: lookAction, Object: what, Subject: account, Purpose: purpose})
}

// see is sight with a look noted.
func (b *Bank) see(ctx context.Context, actor Actor, account, what string) (sight, error) {
	sees, err := b.sight(ctx, actor, account)
	if err == nil {
		err = b.look(ctx, actor, account, what, "")
	}
	return sees, err
}

// lookAtEntry notes a look at an entry with each learner whose account is in it.
func (b *Bank) lookAtEntry(ctx context.Context, actor Actor, e Entry) error {
	var last string
	for _, owner := range []string{e.Debit.Owner, e.Credit.Owner} {
		if owner == "" || owner == last {
			continue
		}
		if err := b.look(ctx, actor, owner, "entry", ""); err != nil {
			return err
		}
		last = owner
	}
	return nil
}

// noteDaily notes what the same actor may do many times a day, once a day.
func (b *Bank) noteDaily(ctx context.Context, actor Actor, n note) error {
	today, key := b.Today(), dailyNote{actor.Name, n}
	if b.noted.has(today, key) {
		return nil
	}
	err := b.write(ctx, actor, func(t *tx) error {
		last, err := t.lastNote(n)
		if err != nil || last == today {
			return err
		}
		return t.note(n)
	})
	if err == nil {
		b.noted.put(today, key)
	}
	return err
}

// lastNote is the day on which the actor noted the same last, or None.
func (t *tx) lastNote(n note) (day calendar.Day, err error) {
	day = calendar.None
	err = t.each(func(rows *sql.Rows) error {
		var at int64
		err := rows.Scan(&at)
		day = calendar.Of(time.UnixMicro(at))
		return err
	}, `SELECT at FROM audit WHERE subject = $1 AND actor = $2 AND action = $3 AND object = $4 AND purpose = $5 ORDER BY seq DESC LIMIT 1`,
		n.Subject, t.actor.Name, n.Action, n.Object, n.Purpose)
	return day, err
}

// dailyNotes are those of today that are known to stand in the audit log, so that
// it need not be asked again: at most maxDaily, after which it forgets them all.
type dailyNotes struct {
	mu    sync.Mutex
	day   calendar.Day
	known map[dailyNote]struct{}
}

type dailyNote struct {
	actor string
	note  note
}

// maxDaily keeps the memory of daily notes at a few megabytes.
const maxDaily = 20_000

func (d *dailyNotes) has(today calendar.Day, key dailyNote) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, known := d.known[key]
	return known && d.day == today
}

func (d *dailyNotes) put(today calendar.Day, key dailyNote) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil || d.day != today || len(d.known) >= maxDaily {
		d.day, d.known = today, map[dailyNote]struct{}{}
	}
	d.known[key] = struct{}{}
}

// Looks lists who saw what of a learner, the newest first: for the learner their
// own, for administrators, auditors and the operator anyone's. Looks at an account
// that was merged into theirs are among them. The cursor is the number of the last row.
// It promises NotFound, also for an account that is not for the actor to know of, and Invalid for a
// foreign cursor.
func (b *Bank) Looks(ctx context.Context, actor Actor, account string, w Window) (Page[Look], error) {
	own := actor.Is(IsLearner) && actor.Learner == account
	if !own && !actor.Is(auditReaders) {
		return Page[Look]{}, notFound("learner", account)
	}
	if err := b.known(ctx, account); err != nil {
		return Page[Look]{}, err
	}
	if !own {
		if err := b.noteDaily(ctx, actor, note{Action: "audit.search", Subject: account}); err != nil {
			return Page[Look]{}, err
		}
	}
	var q auditFilter
	q.where(`action = $`, lookAction)
	q.where(`(subject = $ OR subject IN (SELECT account FROM learner_merge WHERE into_account = $))`, account)
	rows, err := b.auditPage(ctx, q, w)
	page := Page[Look]{Total: rows.Total, Next: rows.Next, Items: make([]Look, len(rows.Items))}
	for i, r := range rows.Items {
		page.Items[i] = Look{At: time.UnixMicro(r.At), Who: r.Actor, Institution: r.Institution, Role: r.Role, What: r.Object, Purpose: r.Purpose}
	}
	return page, err
}

// known promises NotFound for an account that is none.
func (b *Bank) known(ctx context.Context, account string) error {
	known := false
	if err := b.db.reader.GetContext(ctx, &known, b.db.bind(`SELECT EXISTS (SELECT 1 FROM learner WHERE account = $1)`), account); err != nil {
		return err
	}
	if !known {
		return notFound("learner", account)
	}
	return nil
}
