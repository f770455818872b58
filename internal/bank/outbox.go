package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// CollectLetters lets the bank put a letter into the outbox for every message from
// now on. Without it messages stand on their page alone.
func (b *Bank) CollectLetters() { b.db.letters.Store(true) }

// post puts letters for messages into the outbox, when this bank sends letters. The
// number of the message is the letter's key: there is one letter for a message.
func (t *tx) post(messages [][]any) error {
	if !t.db.letters.Load() {
		return nil
	}
	rows := make([][]any, len(messages))
	for i, m := range messages {
		rows[i] = []any{m[0], "waiting", 0, micros(t.now), micros(t.now)}
	}
	return t.insert("outbox", []string{"message", "state", "tries", "next_at", "made_at"}, rows)
}

// Letter is a message on its way by e-mail. Its ID is the same at every try, so that
// who gets it twice can tell; nothing in it is personal but To and Name.
type Letter struct {
	Message
	To   string
	Name string // for the greeting; may be empty

	learner, login string
	tries          int
}

// ErrNoRecipient is what sends of [Bank.SendLetters] answer when there is no use in
// trying again: the address takes no mail.
var ErrNoRecipient = errors.New("bank: the address takes no mail")

// mostTries is how often a letter is tried; between the tries the time doubles, from
// a minute to at most six hours, two days in all.
const mostTries = 16

const (
	firstLetterWait = time.Minute
	mostLetterWait  = 6 * time.Hour
)

// untilNextTry is the time until the next try.
func untilNextTry(tries int) time.Duration {
	wait := firstLetterWait
	for range tries - 1 {
		if wait *= 2; wait > mostLetterWait {
			return mostLetterWait
		}
	}
	return wait
}

// letterBatch is how many letters are taken in hand at once.
const letterBatch = 20

// SendLetters hands the letters that are due to send, one after another. Each is
// noted as tried before, and as sent after: no other process takes it meanwhile, one
// that was not taken is tried again later, and when the program ends between the two
// it goes again with the same ID. What was read meanwhile, or is for nobody who has
// an address and wants letters, is dropped. Addresses are unsealed here alone.
func (b *Bank) SendLetters(ctx context.Context, send func(context.Context, Letter) error) error {
	for {
		letters, err := b.takeLetters(ctx)
		if err != nil || len(letters) == 0 {
			return err
		}
		var failed []error
		for _, l := range letters {
			if ctx.Err() != nil {
				return errors.Join(append(failed, ctx.Err())...) // those in hand come again
			}
			failed = append(failed, b.sendLetter(ctx, l, send))
		}
		if err := errors.Join(failed...); err != nil {
			return err
		}
	}
}

// sendLetter sends one and notes what became of it. A letter that was not taken is an
// error when it has been tried for the last time.
func (b *Bank) sendLetter(ctx context.Context, l Letter, send func(context.Context, Letter) error) error {
	err := b.address(ctx, &l)
	if err == nil {
		err = send(ctx, l)
	}
	state := "sent"
	switch {
	case errors.Is(err, ErrNoRecipient):
		state, err = "dropped", nil
	case err != nil && l.tries < mostTries:
		return nil // it comes again
	case err != nil:
		state = "dropped"
	}
	noted := b.write(context.WithoutCancel(ctx), Operator("letters"), func(t *tx) error {
		return t.exec(`UPDATE outbox SET state = $1, ended_at = $2 WHERE message = $3 AND state = 'waiting'`, state, micros(t.now), l.ID)
	})
	return errors.Join(err, noted)
}

// takeLetters takes the next letters that are due in hand.
func (b *Bank) takeLetters(ctx context.Context) (letters []Letter, err error) {
	err = b.write(ctx, Operator("letters"), func(t *tx) error {
		letters = nil
		err := t.each(func(rows *sql.Rows) error {
			var l Letter
			var text string
			var made, read int64
			if err := rows.Scan(&l.ID, &l.learner, &l.login, &l.Institution, &l.Kind, &l.Object, &text, &made, &read, &l.tries); err != nil {
				return err
			}
			l.Made, l.Read = fromMicros(made), fromMicros(read)
			l.tries++
			letters = append(letters, l)
			return json.Unmarshal([]byte(text), &letters[len(letters)-1].Args)
		}, `SELECT m.id, coalesce(g.into_account, m.learner, ''), coalesce(m.login, ''), coalesce(m.institution, ''), m.kind, m.object, m.args, m.made_at, coalesce(m.read_at, 0), o.tries
			FROM outbox o JOIN message m ON m.id = o.message LEFT JOIN learner_merge g ON g.account = m.learner
			WHERE o.state = 'waiting' AND o.next_at <= $1 ORDER BY o.next_at, m.id LIMIT $2`, micros(t.now), letterBatch)
		for _, l := range letters {
			if err != nil {
				return err
			}
			err = t.exec(`UPDATE outbox SET tries = $1, next_at = $2 WHERE message = $3`, l.tries, micros(t.now.Add(untilNextTry(l.tries))), l.ID)
		}
		return err
	})
	return letters, err
}

// address finds where a letter goes: the address of the login, else that of the
// learner. It promises ErrNoRecipient for who has none, wants no letters, may not
// come in, or has read the message.
func (b *Bank) address(ctx context.Context, l *Letter) error {
	if !l.Read.IsZero() {
		return ErrNoRecipient
	}
	if err := b.loginOfLetter(ctx, l); err != nil {
		return err
	}
	if l.login != "" {
		login, err := b.login(ctx, l.login)
		if err != nil {
			return err
		}
		l.To, l.Name = login.Email, login.DisplayName
	}
	if l.To == "" && l.learner != "" {
		person, err := b.person(ctx, l.learner)
		if err != nil && CodeOf(err) != NotFound {
			return err
		}
		l.To, l.Name = person.Email, person.Name
	}
	if l.To == "" {
		return ErrNoRecipient
	}
	return nil
}

// loginOfLetter finds the login that a letter is for, and whether it is to get any.
func (b *Bank) loginOfLetter(ctx context.Context, l *Letter) error {
	refused := false
	err := b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&l.login, &refused) },
		`SELECT id, disabled OR EXISTS (SELECT 1 FROM mail_refusal r WHERE r.login = login.id) FROM login WHERE id = $1 OR learner = $2`, l.login, textOrNil(l.learner))
	if err == nil && refused {
		err = ErrNoRecipient
	}
	return err
}

// WantsLetters says whether the actor's messages go out by e-mail, too, where the bank
// sends letters. It promises Denied.
func (b *Bank) WantsLetters(ctx context.Context, actor Actor) (wants bool, err error) {
	if err := actor.needLogin(); err != nil {
		return false, err
	}
	wants = true
	return wants, b.db.each(ctx, func(*sql.Rows) error { wants = false; return nil }, `SELECT 1 FROM mail_refusal WHERE login = $1`, actor.Login)
}

// SetWantsLetters says whether they do; once more changes nothing. It promises Denied.
func (b *Bank) SetWantsLetters(ctx context.Context, actor Actor, wants bool) error {
	if err := actor.needLogin(); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		if wants {
			return t.exec(`DELETE FROM mail_refusal WHERE login = $1`, actor.Login)
		}
		return t.exec(`INSERT INTO mail_refusal (login, at) VALUES ($1, $2) ON CONFLICT (login) DO NOTHING`, actor.Login, micros(t.now))
	})
}

// SendsLetters says whether messages of this bank go out by e-mail, too.
func (b *Bank) SendsLetters() bool { return b.db.letters.Load() }
