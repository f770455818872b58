package bank

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"creditbank/internal/calendar"
)

// ErrTakenBack is how BookAndFail fails.
var ErrTakenBack = errors.New("taken back")

// BookAndFail books results, in so many parts, writes them with their log, and takes all of it back.
func (b *Bank) BookAndFail(ctx context.Context, account, institution, course string, references ...string) error {
	return b.write(ctx, Actor{Name: "probe"}, func(t *tx) error {
		for _, reference := range references {
			j, err := t.journal(Why{})
			if err != nil {
				return err
			}
			k := keyed[recordKey, Record]{recordKey{institution, reference}, Record{Learner: account, Kind: "course", Course: course, Passed: true, Credits: 100, Score: -1, Hours: -1,
				Completed: calendar.Of(t.now)}}
			rows := newRecords(1)
			err = j.depositRow(rows, nil, &deposited{k, 100})
			if err == nil {
				err = errors.Join(j.close(), j.write(), j.insertRows(rows))
			}
			if err != nil {
				return err
			}
		}
		return ErrTakenBack
	})
}

// StatementsDiffer lists the accounts whose statement has other entries than those that
// name the account.
func (b *Bank) StatementsDiffer(ctx context.Context) (accounts []string, err error) {
	named := map[string][]int64{}
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		var number int64
		var learner, joined string
		err := rows.Scan(&number, &learner, &joined)
		named[learner] = append(named[learner], number)
		if joined != "" {
			named[joined] = append(named[joined], number)
		}
		return err
	}, `SELECT number, learner, coalesce(joined, '') FROM entry ORDER BY number`)
	for account, numbers := range named {
		var stated []int64
		if err == nil {
			err = b.db.each(ctx, func(rows *sql.Rows) error {
				stated = append(stated, 0)
				return rows.Scan(&stated[len(stated)-1])
			}, `SELECT own.number FROM `+entriesOf+` ORDER BY 1`, account)
		}
		if !slices.Equal(stated, numbers) {
			accounts = append(accounts, account)
		}
	}
	return accounts, err
}
