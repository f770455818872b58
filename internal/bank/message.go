package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// MessageKinds lists what people are told; each has a sentence in the languages,
// message.KIND, filled with the message's Args.
func MessageKinds() []string {
	return []string{
		"clock_soon", "clock_late", "clock_late_mine",
		"evaluation_opinion", "evaluation_expert", "evaluation_returned", "evaluation_ready", "evaluation_published", "evaluation_refused", "evaluation_halt",
		"evaluation_halted", "request_new", "request_answered", "request_declined",
		"application_in", "application_withdrawn", "application_assigned", "application_decided", "condition_met", "condition_over",
		"appeal_in", "appeal_decided", "consequence_in", "consequence_decided",
		"result_revoked", "result_corrected",
		"prior_in", "prior_withdrawn", "prior_assigned", "prior_judged", "prior_decided", "prior_appeal",
		"attestation_in", "attestation_expert", "attestation_ready", "attestation_verified", "attestation_refused",
		"placement_started", "result_ending", "records_ending", "result_expired",
		"agreement_offered", "agreement_signed", "agreement_closed",
	}
}

// Message is what somebody is told: on the page of messages and, where the bank
// sends letters, by e-mail. Nothing in it is personal.
type Message struct {
	ID          string            `json:"id"`
	Kind        string            `json:"kind"`                  // one of [MessageKinds]
	Object      string            `json:"object"`                // address of the page that it is about
	Institution string            `json:"institution,omitempty"` // as whose staff they are told
	Args        map[string]string `json:"args"`                  // codes, numbers and days
	Made        time.Time         `json:"made"`
	Read        time.Time         `json:"read,omitzero"`
}

// message is one to be sent. Object begins with a slash.
type message struct {
	To     recipient
	Kind   string
	Object string
	Args   map[string]string
}

// recipient is one learner, one login, or everybody with one of the roles at an
// institution, "": of the bank.
type recipient struct {
	Learner     string
	Login       string
	Institution string
	Roles       Roles
}

// send tells somebody something in the write in which it happened. Whoever did it is
// not told among others of their role. Where nobody has the role nobody is told.
func (t *tx) send(m message) error {
	args, err := json.Marshal(m.Args)
	if err != nil {
		return err
	}
	logins, err := t.logins(m.To)
	if err != nil {
		return err
	}
	var rows [][]any
	add := func(learner, login string) {
		rows = append(rows, []any{newNumber(), textOrNil(learner), textOrNil(login), textOrNil(m.To.Institution), m.Kind, m.Object, string(args), micros(t.now)})
	}
	if m.To.Learner != "" {
		add(m.To.Learner, "")
	}
	for _, login := range logins {
		add("", login)
	}
	if err := t.insert("message", []string{"id", "learner", "login", "institution", "kind", "object", "args", "made_at"}, rows); err != nil {
		return err
	}
	return t.post(rows)
}

// logins are those of a recipient who is no learner.
func (t *tx) logins(to recipient) (logins []string, err error) {
	switch {
	case to.Login != "":
		return []string{to.Login}, nil
	case to.Roles == 0:
		return nil, nil
	}
	args := []any{to.Institution, t.actor.Login}
	for _, name := range to.Roles.Names() {
		args = append(args, name)
	}
	err = t.each(func(rows *sql.Rows) error {
		var login string
		err := rows.Scan(&login)
		logins = append(logins, login)
		return err
	}, `SELECT DISTINCT r.login FROM login_role r JOIN login l ON l.id = r.login
		WHERE NOT l.disabled AND coalesce(r.institution, '') = $1 AND r.login <> $2 AND r.role IN (`+parameters(3, len(args)-2)+`) ORDER BY r.login`, args...)
	return logins, err
}

// parameters is a list of so many, from the number of the first on: $3, $4.
func parameters(first, n int) string {
	var list strings.Builder
	for i := range n {
		if i > 0 {
			list.WriteString(", ")
		}
		list.WriteString("$" + strconv.Itoa(first+i))
	}
	return list.String()
}

// ofActor is the condition for messages to an actor, with its arguments: to the login,
// and to the learner also under accounts that were merged into theirs.
func ofActor(actor Actor) (condition string, args []any) {
	return `(login = $1 OR learner = $2 OR learner IN (SELECT account FROM learner_merge WHERE into_account = $2))`, []any{actor.Login, textOrNil(actor.Learner)}
}

// Messages lists what the actor was told, the newest first. It promises Denied to who
// is not logged in, and Invalid for a foreign cursor.
func (b *Bank) Messages(ctx context.Context, actor Actor, w Window) (page Page[Message], err error) {
	if err := actor.needLogin(); err != nil {
		return page, err
	}
	start, limit, err := w.part()
	if err != nil {
		return page, err
	}
	condition, args := ofActor(actor)
	if err := b.db.reader.GetContext(ctx, &page.Total, b.db.bind(`SELECT count(*) FROM message WHERE `+condition), args...); err != nil {
		return page, err
	}
	page.Items, err = b.reading(ctx).messages(` WHERE `+condition+` ORDER BY made_at DESC, id LIMIT $3 OFFSET $4`, append(args, limit, start)...)
	if start+len(page.Items) < page.Total {
		page.Next = strconv.Itoa(start + len(page.Items))
	}
	return page, err
}

// messagesTo are all that the actor was told, the newest first.
func (b *Bank) messagesTo(ctx context.Context, actor Actor) ([]Message, error) {
	condition, args := ofActor(actor)
	return b.reading(ctx).messages(` WHERE `+condition+` ORDER BY made_at DESC, id`, args...)
}

func (read reading) messages(condition string, args ...any) (list []Message, err error) {
	list = []Message{}
	err = read(func(rows *sql.Rows) error {
		var m Message
		var text string
		var made, seen int64
		if err := rows.Scan(&m.ID, &m.Kind, &m.Object, &m.Institution, &text, &made, &seen); err != nil {
			return err
		}
		m.Made, m.Read = fromMicros(made), fromMicros(seen)
		list = append(list, m)
		return json.Unmarshal([]byte(text), &list[len(list)-1].Args)
	}, `SELECT id, kind, object, coalesce(institution, ''), args, made_at, coalesce(read_at, 0) FROM message`+condition, args...)
	return list, err
}

// UnreadMessages counts what the actor was told and did not mark as read. Nobody has none.
func (b *Bank) UnreadMessages(ctx context.Context, actor Actor) (n int, err error) {
	if actor.Login == "" {
		return 0, nil
	}
	condition, args := ofActor(actor)
	return n, b.db.reader.GetContext(ctx, &n, b.db.bind(`SELECT count(*) FROM message WHERE read_at IS NULL AND `+condition), args...)
}

// OpenMessage gives one message and marks it as read. It promises Denied, and
// NotFound for one that is not the actor's.
func (b *Bank) OpenMessage(ctx context.Context, actor Actor, id string) (m Message, err error) {
	if err := actor.needLogin(); err != nil {
		return m, err
	}
	condition, args := ofActor(actor)
	list, err := b.reading(ctx).messages(` WHERE `+condition+` AND id = $3`, append(args, id)...)
	switch {
	case err != nil:
		return m, err
	case len(list) == 0:
		return m, notFound("message", id)
	case !list[0].Read.IsZero():
		return list[0], nil
	}
	return list[0], b.write(ctx, actor, func(t *tx) error {
		return t.exec(`UPDATE message SET read_at = $1 WHERE id = $2 AND read_at IS NULL`, micros(t.now), id)
	})
}

// ReadMessages marks all that the actor was told as read. It promises Denied.
func (b *Bank) ReadMessages(ctx context.Context, actor Actor) error {
	if err := actor.needLogin(); err != nil {
		return err
	}
	condition, args := ofActor(actor)
	return b.write(ctx, actor, func(t *tx) error {
		return t.exec(`UPDATE message SET read_at = $3 WHERE read_at IS NULL AND `+condition, append(args, micros(t.now))...)
	})
}
