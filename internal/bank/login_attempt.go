package bank

import (
	"context"
	"database/sql"
	"encoding/binary"
	"math"
	"strconv"
	"time"
)

// How long whoever guesses is kept waiting (OWASP ASVS 5.0, 6.3.1): the first
// freeTries cost nothing, each further one doubles the wait.
const (
	freeTries   = 5
	firstWait   = time.Minute
	longestWait = 15 * time.Minute
	triesForget = 24 * time.Hour // after so long without a try all begin anew
)

// waitAfter is the wait after so many failures in a row.
func waitAfter(failures int) time.Duration {
	if failures < freeTries {
		return 0
	}
	return min(firstWait<<min(failures-freeTries, 10), longestWait)
}

// guessed is that about which somebody tries whether they know a secret.
type guessed struct {
	subject []byte // a keyed digest
	login   string // whose it is, for the audit log; empty: nobody's
}

// guessed digests what is tried. What nobody has is counted like the rest, so that
// the wait does not tell what there is; only there it is in a bounded number of slots.
func (b *Bank) guessed(what, subject, login string) (guessed, error) {
	digest, err := b.blind("attempt."+what, subject)
	return guessed{subject: digest, login: login}, err
}

// try counts a try before it is known how it ends, so that of many at once no more
// are looked at than one after the other. It gives how many failed before. It
// promises TooMany (error.sign_in_wait, Args "Seconds") while the wait lasts,
// however right the secret would be; such a try does not make it longer.
func (b *Bank) try(ctx context.Context, actor Actor, g guessed) (failed int, err error) {
	var wait time.Duration
	err = b.write(ctx, actor, func(t *tx) (err error) {
		failed, wait, err = t.try(g)
		return err
	})
	if err == nil && wait > 0 {
		err = &Error{Code: TooMany, Key: "error.sign_in_wait", Args: map[string]any{"Seconds": int(math.Ceil(wait.Seconds()))}}
	}
	return failed, err
}

func (t *tx) try(g guessed) (failed int, wait time.Duration, err error) {
	var blocked, at int64
	err = t.each(func(rows *sql.Rows) error { return rows.Scan(&failed, &blocked, &at) },
		`SELECT failures, blocked_until, at FROM attempt WHERE subject = $1`, g.subject)
	now := micros(t.now)
	switch {
	case err != nil:
		return 0, 0, err
	case now < blocked:
		return failed, time.Duration(blocked-now) * time.Microsecond, nil
	case now-at > triesForget.Microseconds():
		failed = 0
	}
	return failed, 0, t.keepTry(g, failed+1)
}

// keepTry keeps the count as if the try had failed.
func (t *tx) keepTry(g guessed, failures int) error {
	var slot any
	if g.login == "" {
		n := binary.BigEndian.Uint16(g.subject)
		slot = n
		if err := t.exec(`DELETE FROM attempt WHERE slot = $1 AND subject <> $2`, n, g.subject); err != nil {
			return err
		}
	}
	until := micros(t.now.Add(waitAfter(failures)))
	err := t.exec(`INSERT INTO attempt (subject, slot, failures, blocked_until, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, blocked_until = excluded.blocked_until, at = excluded.at`,
		g.subject, slot, failures, until, micros(t.now))
	if err != nil || g.login == "" || failures < freeTries {
		return err
	}
	return t.audit("login.wait", g.login, strconv.Itoa(failures))
}

// forgive forgets the tries: one was right.
func (t *tx) forgive(g guessed) error {
	return t.exec(`DELETE FROM attempt WHERE subject = $1`, g.subject)
}
