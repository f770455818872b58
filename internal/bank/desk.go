package bank

import (
	"context"
	"database/sql"
	"time"
)

// Desk is how much there is of everything at a school; see [Bank.ToDo] for what waits.
type Desk struct {
	Learners    int // of the school
	Joined      int // of them, who have a login
	Staff       int
	Invitations int // that nobody used yet
	Codes       int // with which learners can claim their accounts

	Looks []DeskLook // of the school's own people and systems, the newest first
}

// DeskLook is what somebody of the school looked at for one purpose: the last time.
type DeskLook struct {
	At                    time.Time
	Who, Account, Purpose string // Who: the actor; Account: of the learner
}

// deskLooks is how many looks a desk shows, of the last deskRows rows of the audit log.
const (
	deskLooks = 10
	deskRows  = 20_000
)

// SchoolDesk is for registrars and deciders, about their own school. It promises Denied.
func (b *Bank) SchoolDesk(ctx context.Context, actor Actor) (Desk, error) {
	if err := actor.need(IsRegistrar | IsDecider); err != nil {
		return Desk{}, err
	}
	if actor.Institution == "" {
		return Desk{}, &Error{Code: Denied, Key: "error.role"}
	}
	d, now := Desk{}, b.Now()
	read := b.reading(ctx)
	err := read(func(rows *sql.Rows) error {
		return rows.Scan(&d.Learners, &d.Joined, &d.Staff, &d.Invitations, &d.Codes)
	}, `SELECT (SELECT count(*) FROM learner WHERE institution = $1),
		(SELECT count(*) FROM learner l JOIN login o ON o.learner = l.account WHERE l.institution = $1),
		(SELECT count(DISTINCT login) FROM login_role WHERE institution = $1),
		(SELECT count(*) FROM invitation WHERE institution = $1 AND used_at IS NULL AND expires_at > $2),
		(SELECT count(*) FROM claim_code c JOIN learner l ON l.account = c.learner WHERE l.institution = $1 AND c.expires_at > $2)`,
		actor.Institution, micros(now))
	if err != nil {
		return d, err
	}
	err = read(func(rows *sql.Rows) error {
		var at int64
		var l DeskLook
		err := rows.Scan(&at, &l.Who, &l.Account, &l.Purpose)
		l.At = time.UnixMicro(at).UTC()
		d.Looks = append(d.Looks, l)
		return err
	}, `SELECT max(at), actor, subject, purpose FROM audit
		WHERE institution = $1 AND action = 'look' AND seq > (SELECT coalesce(max(seq), 0) - $2 FROM audit)
		GROUP BY actor, subject, purpose ORDER BY max(seq) DESC LIMIT $3`,
		actor.Institution, deskRows, deskLooks)
	return d, err
}
