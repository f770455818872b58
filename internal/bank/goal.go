package bank

import (
	"context"
	"database/sql"

	"creditbank/internal/transfer"
)

// Goal (目标) is the programme that the learner who asks wants to come to; the zero
// key when there is none. It promises Denied.
func (b *Bank) Goal(ctx context.Context, actor Actor) (transfer.ProgrammeKey, error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return transfer.ProgrammeKey{}, err
	}
	return b.goalOf(ctx, account)
}

func (b *Bank) goalOf(ctx context.Context, account string) (to transfer.ProgrammeKey, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&to.Institution, &to.Code) },
		`SELECT institution, programme FROM goal WHERE learner = $1`, account)
	return to, err
}

// SetGoal keeps a programme as the goal of the learner who asks, in place of another.
// It promises Denied, and NotFound for the programme.
func (b *Bank) SetGoal(ctx context.Context, actor Actor, to transfer.ProgrammeKey) error {
	account, err := b.own(ctx, actor)
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		if err := t.knownProgramme(to); err != nil {
			return err
		}
		return t.exec(`INSERT INTO goal (learner, institution, programme, set_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (learner) DO UPDATE SET institution = excluded.institution, programme = excluded.programme, set_at = excluded.set_at`,
			account, to.Institution, to.Code, micros(t.now))
	})
}

// DropGoal forgets the goal of the learner who asks. It promises Denied.
func (b *Bank) DropGoal(ctx context.Context, actor Actor) error {
	account, err := b.own(ctx, actor)
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error { return t.exec(`DELETE FROM goal WHERE learner = $1`, account) })
}
