package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/ledger"
)

// Levels of an appeal: another person of the school decides, then the bank.
const (
	AppealToSchool = 1
	AppealToBank   = 2
)

// States of an appeal.
const (
	AppealOpen      = "open"
	AppealDecided   = "decided"
	AppealWithdrawn = "withdrawn"
)

// Appeal (申诉) is a second look at items of an application by another person.
type Appeal struct {
	ID       string
	Level    int
	Items    []int
	Text     string // why, as the learner wrote
	State    string
	By       string // actor
	Made     time.Time
	Decision string // what it came to
	Ended    time.Time
}

// NewAppeal is what a learner asks to be looked at again.
type NewAppeal struct {
	Stamp string // of the application as the learner saw it
	Items []int  // whose last decision is not accepted
	Text  string // why
	Files []NewAttachment
	Key   string // Idempotency-Key
}

// AppealApplication asks for a second look at items that were not decided in full: at
// first another person of the school decides, about what they answered the bank. What
// was refused is held again meanwhile. It is for whoever applied, up to the last day
// that [Application.Final] says.
//
// It promises NotFound; Invalid, naming items, text or files; Conflict:
// error.application_stale, error.application_state, and what the ledger refuses when a
// result has been used elsewhere meanwhile.
func (b *Bank) AppealApplication(ctx context.Context, actor Actor, id string, in NewAppeal) (Application, error) {
	a, err := b.applicationOf(ctx, actor, id)
	if err != nil {
		return a, err
	}
	files, faults := checkAttachments(in.Files)
	in.Text = strings.TrimSpace(in.Text)
	if code := textFault(in.Text, applicationText); code != "" {
		faults = append(faults, FieldError{Field: "text", Code: code, Args: map[string]any{"Limit": applicationText}})
	}
	if len(faults) > 0 {
		return a, invalidFields(faults)
	}
	body, err := json.Marshal(withFiles([]any{id, in.Items, in.Text}, in.Files))
	if err != nil {
		return a, err
	}
	_, _, err = b.once(ctx, actor, Request{Key: in.Key, Operation: "appeal", Body: body}, nil, func(t *tx) ([]byte, error) {
		a, err := t.applicationIn(id, in.Stamp, ApplicationDecided)
		if err != nil {
			return nil, err
		}
		return nil, t.appeal(&a, in, files)
	})
	if err != nil {
		return a, err
	}
	return b.Application(ctx, actor, id)
}

// appealable says whether an item can be appealed today: it was not decided in full,
// no condition runs, not both levels have answered, and the time is not over.
func (a *Application) appealable(i *ApplicationItem, today calendar.Day) bool {
	open := i.State == ItemAlternative || i.State == ItemPartial || i.State == ItemRefused
	return a.State == ApplicationDecided && open && i.Appeals < AppealToBank && (a.Final == calendar.None || today <= a.Final)
}

// levelOf is the level of an appeal about items. It promises Invalid.
func (a *Application) levelOf(items []int, today calendar.Day) (int, error) {
	level, faults := 0, []FieldError{}
	if len(items) == 0 {
		faults = append(faults, FieldError{Field: "items", Code: "required"})
	}
	for n, number := range items {
		field := fmt.Sprintf("items[%d]", n)
		if number < 0 || number >= len(a.Items) || slices.Contains(items[:n], number) || !a.appealable(&a.Items[number], today) {
			faults = append(faults, FieldError{Field: field, Value: fmt.Sprint(number), Code: "not_to_appeal"})
			continue
		}
		next := a.Items[number].Appeals + 1
		if level != 0 && level != next {
			faults = append(faults, FieldError{Field: field, Value: fmt.Sprint(number), Code: "other_level"})
		}
		level = next
	}
	if len(faults) > 0 {
		return 0, invalidFields(faults)
	}
	return level, nil
}

// appeal keeps an appeal, and holds again what was refused.
func (t *tx) appeal(a *Application, in NewAppeal, files []checkedAttachment) error {
	level, err := a.levelOf(in.Items, calendar.Of(t.now))
	if err != nil {
		return err
	}
	var refs []RecordRef
	for _, n := range in.Items {
		if a.Items[n].State == ItemRefused {
			refs = append(refs, a.Items[n].Records...)
		}
	}
	if len(refs) > 0 {
		if err := t.holdFor(a.ID, a.Learner, refs); err != nil {
			return err
		}
	}
	for _, file := range files {
		if _, err := t.attach("application", a.ID, a.Learner, file); err != nil {
			return err
		}
	}
	if err := t.keepAppeal(a, level, in); err != nil {
		return err
	}
	if err := t.beginAppealClock(a, level); err != nil {
		return err
	}
	if err := t.tellOfAppeal(a, level); err != nil {
		return err
	}
	return t.noteApplication("application.appeal", a.ID, a.Learner, fmt.Sprintf("level=%d items=%d", level, len(in.Items)))
}

// tellOfAppeal tells those who may decide about it, each at their own desk.
func (t *tx) tellOfAppeal(a *Application, level int) error {
	if level == AppealToSchool {
		return t.tellSchool(a, "appeal_in", IsDecider)
	}
	return t.tellAbout(a, recipient{Roles: IsAdministrator}, "appeal_in", "/admin/applications/")
}

func (t *tx) keepAppeal(a *Application, level int, in NewAppeal) error {
	id := newNumber()
	text, err := t.seal("appeal.text", id, []byte(in.Text))
	if err != nil {
		return err
	}
	items, err := json.Marshal(in.Items)
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO appeal (id, application, level, items, text, state, made_by, made_at) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7)`,
		id, a.ID, level, string(items), text, t.actor.Name, micros(t.now))
	if err != nil {
		return err
	}
	for _, n := range in.Items {
		if err := t.exec(`UPDATE application_item SET appeals = $1 WHERE application = $2 AND item = $3`, level, a.ID, n); err != nil {
			return err
		}
	}
	return t.exec(`UPDATE application SET state = 'appealed', stamp = $1, changed_at = $2, assignee = NULL WHERE id = $3`, newStamp(), micros(t.now), a.ID)
}

// WithdrawAppeal takes an open appeal back: what was decided stays. It promises NotFound
// and Conflict as [Bank.AppealApplication] does.
func (b *Bank) WithdrawAppeal(ctx context.Context, actor Actor, id, stamp string) error {
	if _, err := b.applicationOf(ctx, actor, id); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		a, err := t.applicationIn(id, stamp, ApplicationAppealed)
		if err != nil {
			return err
		}
		appeal, err := t.openAppeal(id)
		if err != nil {
			return err
		}
		return t.withdrawAppeal(&a, appeal)
	})
}

func (t *tx) withdrawAppeal(a *Application, appeal Appeal) error {
	var back []settling
	for _, n := range appeal.Items {
		if a.Items[n].State == ItemRefused {
			back = append(back, settling{refs: a.Items[n].Records, place: ledger.Available})
		}
		if err := t.exec(`UPDATE application_item SET appeals = $1 WHERE application = $2 AND item = $3`, appeal.Level-1, a.ID, n); err != nil {
			return err
		}
	}
	why := Why{Reason: "withdrawn", Cause: Cause{Kind: "application", ID: a.ID}}
	if err := t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error { return j.settle(a.To, back) }); err != nil {
		return err
	}
	if err := t.exec(`UPDATE appeal SET state = 'withdrawn', ended_at = $1 WHERE id = $2`, micros(t.now), appeal.ID); err != nil {
		return err
	}
	err := t.exec(`UPDATE application SET state = 'decided', stamp = $1, changed_at = $2 WHERE id = $3`, newStamp(), micros(t.now), a.ID)
	if err != nil {
		return err
	}
	if err := t.endClocks(a.ID); err != nil {
		return err
	}
	return t.noteApplication("application.withdraw_appeal", a.ID, a.Learner, "")
}

const selectAppeals = `SELECT id, level, items, text, state, made_by, made_at, coalesce(decision, ''), coalesce(ended_at, 0) FROM appeal`

func scanAppeal(rows *sql.Rows, unseal unsealing) (a Appeal, err error) {
	var items string
	var text []byte
	var made, ended int64
	if err := rows.Scan(&a.ID, &a.Level, &items, &text, &a.State, &a.By, &made, &a.Decision, &ended); err != nil {
		return a, err
	}
	a.Made, a.Ended = fromMicros(made), fromMicros(ended)
	if err := json.Unmarshal([]byte(items), &a.Items); err != nil || len(text) == 0 {
		return a, err
	}
	plain, err := unseal("appeal.text", a.ID, text)
	a.Text = string(plain)
	return a, err
}

// openAppeal is the appeal of an application that waits for an answer.
func (t *tx) openAppeal(application string) (a Appeal, err error) {
	err = t.each(func(rows *sql.Rows) (err error) {
		a, err = scanAppeal(rows, t.unseal)
		return err
	}, selectAppeals+` WHERE application = $1 AND state = 'open'`, application)
	if err == nil && a.ID == "" {
		err = fmt.Errorf("application %s has no open appeal", application)
	}
	return a, err
}

// readAppeals adds the appeals, the first first.
func (b *Bank) readAppeals(ctx context.Context, a *Application) error {
	return b.db.each(ctx, func(rows *sql.Rows) error {
		appeal, err := scanAppeal(rows, b.unseal)
		a.Appeals = append(a.Appeals, appeal)
		return err
	}, selectAppeals+` WHERE application = $1 ORDER BY made_at, level, id`, a.ID)
}
