package bank

import (
	"context"
	"database/sql"

	"creditbank/internal/calendar"
)

// SharedRecord is what a link shows.
type SharedRecord struct {
	Account string
	Name    string
	Whole   bool
	Issuers []string // when it is not whole: whose results it shows
	Until   calendar.Day
	Balance
	Results []Result // the newest first
}

// OpenShare shows what a link's secret opens, and notes that it was opened and from
// which network. It promises NotFound, the same for a link that is withdrawn, has
// ended or never was.
func (b *Bank) OpenShare(ctx context.Context, origin, secret string) (SharedRecord, error) {
	digest := secretDigest(secret)
	account, share, err := b.runningLink(ctx, digest)
	if err != nil {
		return SharedRecord{}, err
	}
	visitor := Visitor
	visitor.Origin = origin
	err = b.write(ctx, visitor, func(t *tx) error { return t.noteOpening(account, share.ID, digest) })
	if err != nil {
		return SharedRecord{}, err
	}
	sees := sight{all: share.Whole, issuers: share.Issuers}
	shown := SharedRecord{Account: account, Whole: share.Whole, Issuers: share.Issuers, Until: share.Until}
	if shown.Balance, shown.Results, err = b.recordSeen(ctx, account, sees); err != nil {
		return SharedRecord{}, err
	}
	person, err := b.person(ctx, account)
	shown.Name = person.Name
	return shown, err
}

// noSuchLink is said of every link that shows nothing, whatever the cause.
func noSuchLink() error { return &Error{Code: NotFound, Key: "error.no_link"} }

// runningLink finds a link that holds today.
func (b *Bank) runningLink(ctx context.Context, digest []byte) (account string, s Share, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		var issuer string
		err := rows.Scan(&account, &s.ID, &s.Whole, &s.Until, &issuer)
		if issuer != "" {
			s.Issuers = append(s.Issuers, issuer)
		}
		return err
	}, `SELECT s.learner, s.id, s.whole, s.until_on, coalesce(i.institution, '') FROM share s
		LEFT JOIN share_issuer i ON i.learner = s.learner AND i.share = s.id
		WHERE s.digest = $1 AND s.withdrawn_at IS NULL AND s.until_on >= $2 ORDER BY i.institution`, digest, b.Today())
	if err == nil && account == "" {
		err = noSuchLink()
	}
	return account, s, err
}

// noteOpening counts an opening of a link that holds at this moment. The audit log
// has the first of a network on a day.
func (t *tx) noteOpening(account, share string, digest []byte) error {
	times := 0
	today := calendar.Of(t.now)
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&times) },
		`INSERT INTO share_opening (learner, share, day, network, times, first_at, last_at)
		SELECT learner, id, CAST($3 AS INTEGER), CAST($4 AS TEXT), 1, CAST($5 AS BIGINT), CAST($5 AS BIGINT) FROM share WHERE learner = $1 AND id = $2 AND digest = $6 AND withdrawn_at IS NULL AND until_on >= $3
		ON CONFLICT (learner, share, day, network) DO UPDATE SET times = share_opening.times + 1, last_at = $5 RETURNING times`,
		account, share, today, t.actor.Origin, micros(t.now), digest)
	switch {
	case err != nil:
		return err
	case times == 0:
		return noSuchLink()
	case times > 1:
		return nil
	}
	return t.note(note{Action: "share.open", Object: share, Subject: account})
}
