package bank

import (
	"context"
	"database/sql"

	"creditbank/internal/transfer"
)

// ImpactLook is one learner of a sample, looked at: the account, and what the engine
// answers for the programme without and with the trial, as things are now.
type ImpactLook struct {
	ImpactLearner
	Whole         string // the account
	Before, After transfer.Answer
	Snapshot      *Snapshot
	Records       []transfer.Record
}

// readSample reads the learners of a sample of whom the actor may know.
func (b *Bank) readSample(ctx context.Context, actor Actor, in *Impact) error {
	return b.db.each(ctx, func(rows *sql.Rows) error {
		l, err := scanSample(rows)
		if !l.mayBeSeen(actor) {
			in.Others++
			return err
		}
		l.Account = mask(l.Account, 0, 2)
		in.Sample = append(in.Sample, l)
		return err
	}, selectSample+` WHERE job = $1 ORDER BY seq`, in.Job)
}

const selectSample = `SELECT seq, learner, school, institution, programme, own, applied_before, applied_after, transferable_before, transferable_after FROM impact_learner`

func scanSample(rows *sql.Rows) (l ImpactLearner, err error) {
	err = rows.Scan(&l.N, &l.Account, &l.School, &l.Programme.Institution, &l.Programme.Code, &l.Own,
		&l.Before.Applied, &l.After.Applied, &l.Before.Transferable, &l.After.Transferable)
	l.Before.Programme, l.After.Programme = l.Programme, l.Programme
	return l, err
}

func (l *ImpactLearner) mayBeSeen(actor Actor) bool {
	return actor.seesAll() || actor.Is(IsRegistrar|IsDecider) && l.School != "" && l.School == actor.Institution
}

// LookAtImpact is the n-th learner of a preview's sample with both answers; the look
// is noted, and the learner is told of it. Once the trial is carried out, or can no
// longer be, both are the same. It promises the codes of [Bank.Impact], NotFound for a learner who is not in
// the sample, not for the actor, or erased.
func (b *Bank) LookAtImpact(ctx context.Context, actor Actor, job string, n int) (ImpactLook, error) {
	in, err := b.Impact(ctx, actor, job)
	if err != nil {
		return ImpactLook{}, err
	}
	var look ImpactLook
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		look.ImpactLearner, err = scanSample(rows)
		return err
	}, selectSample+` WHERE job = $1 AND seq = $2`, job, n)
	if err == nil && (look.N == 0 || !look.mayBeSeen(actor)) {
		err = notFound("learner", "")
	}
	if err != nil {
		return ImpactLook{}, err
	}
	look.Whole = look.Account
	if _, err := b.see(ctx, actor, look.Whole, "impact"); err != nil {
		return ImpactLook{}, err
	}
	return look, b.answerLook(ctx, in, &look)
}

// answerLook asks the engine on both sides.
func (b *Bank) answerLook(ctx context.Context, in Impact, look *ImpactLook) error {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return err
	}
	if look.Records, _, err = recordsOf(b.reading(ctx), look.Whole, b.Today()); err != nil {
		return err
	}
	look.Snapshot = s
	look.Before, _ = s.Map.Plan(look.Programme, look.Records, in.AsOf)
	p, err := b.planTrial(ctx, s, in.Trial)
	if CodeOf(err) == Invalid {
		look.After = look.Before
		return nil
	}
	if err == nil {
		look.After, _ = s.Map.With(p.change).After().Plan(look.Programme, look.Records, in.AsOf)
	}
	return err
}
