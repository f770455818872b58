package bank

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/ledger"
)

// ExpireDue (失效) books all available results of an account whose validity ended
// before a day: the years of the bank's policy in force on it, counted from the
// completion or from a later refresh. Without such a policy nothing ends. It
// promises Invalid for a day to come, NotFound for the account, and the codes of
// [Bank.write]; nothing to book is no error.
func (b *Bank) ExpireDue(ctx context.Context, actor Actor, account string, on calendar.Day, why Why) (Receipt, error) {
	if on == calendar.None || on > b.Today() {
		return Receipt{}, invalidField("on", on.String(), "day_ahead", nil)
	}
	return b.book(ctx, actor, "expire_due", why, []any{account, on}, func(j *journal, _ *Receipt) error {
		if _, err := j.knownLearner(account); err != nil {
			return err
		}
		years, err := j.validity(on)
		if err != nil || years < 0 {
			return err
		}
		return j.expireDue(account, on, years)
	})
}

// validity is the bank's own number of years on a day, or -1.
func (t *tx) validity(on calendar.Day) (years int, err error) {
	years = -1
	err = t.GetContext(t.ctx, &years, t.db.bind(`SELECT coalesce(validity_years, -1) FROM policy
		WHERE scope = 'bank' AND valid_from <= $1 ORDER BY valid_from DESC LIMIT 1`), on)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return years, err
}

func (j *journal) expireDue(account string, on calendar.Day, years int) error {
	var refs []RecordRef
	err := j.each(func(rows *sql.Rows) error {
		var ref RecordRef
		var completed calendar.Day
		err := rows.Scan(&ref.Institution, &ref.Reference, &completed)
		if completed.AddYears(years) < on {
			refs = append(refs, ref)
		}
		return err
	}, `SELECT institution, reference, completed_on FROM record WHERE learner = $1 AND standing = 'available' ORDER BY institution, reference`, account)
	if err != nil {
		return err
	}
	histories, err := j.histories(refs)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		h := histories[ref]
		if day, refreshed := h.refreshed(); refreshed && day.AddYears(years) >= on {
			continue
		}
		if err := j.move(h, ledger.Expire, ref, ledger.AvailableOf(account), ledger.ExpiredOf(account)); err != nil {
			return err
		}
	}
	return j.keepStandings(histories)
}

// refreshed is the day of the last refresh, if there was one.
func (h *history) refreshed() (calendar.Day, bool) {
	for i := len(h.entries) - 1; i >= 0; i-- {
		if e := &h.entries[i]; e.Kind == ledger.Reverse && e.Debit.Place == ledger.Expired {
			return calendar.Of(time.UnixMicro(e.At)), true
		}
	}
	return 0, false
}

// Refresh books expired results back after a test that renewed them: the reversal
// of their expiry, expired → available. Their validity counts from then on. It
// promises the codes of [Bank.Hold].
func (b *Bank) Refresh(ctx context.Context, actor Actor, account string, refs []RecordRef, why Why) (Receipt, error) {
	return b.book(ctx, actor, "refresh", why, []any{account, refs}, func(j *journal, _ *Receipt) error {
		if _, err := j.knownLearner(account); err != nil {
			return err
		}
		return j.refresh(account, refs)
	})
}

func (j *journal) refresh(account string, refs []RecordRef) error {
	return j.eachRecord(account, refs, func(i int, h *history) error {
		e := h.last()
		if h.Stand().Account.Place != ledger.Expired {
			return &ledger.Fault{Number: e.Number, Code: ledger.Elsewhere}
		}
		// Only its expiry brings a record there, so that is its last entry.
		return j.post(h, &Entry{Kind: ledger.Reverse, Debit: e.Credit, Credit: e.Debit, Amount: e.Amount, Record: refs[i], Reverses: e.Number})
	})
}
