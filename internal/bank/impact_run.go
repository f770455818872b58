package bank

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"creditbank/internal/transfer"
)

// impactRun looks at learners one after the other, so many at a time: it keeps one
// processor busy and leaves the others to whoever uses the bank.
type impactRun struct {
	*Bank
	*plannedTrial
	actor    Actor
	variant  *transfer.Variant
	progress *progress
	sum      transfer.Impact
	result   Impact
	sample   impactSample
}

// impactLearners is how many learners are read at once.
const impactLearners = 64

// impactProgrammes is how many programmes a result names: those that move for most.
const impactProgrammes = 500

// runImpact is the work of the job.
func (b *Bank) runImpact(ctx context.Context, actor Actor, s *Snapshot, p *plannedTrial, progress *progress) (any, error) {
	r := &impactRun{Bank: b, plannedTrial: p, actor: actor, progress: progress, variant: s.Map.With(p.change)}
	if faults := r.variant.Faults(); len(faults) > 0 {
		return nil, &Error{Code: Invalid, Key: "error.impact_fault", Args: map[string]any{"Rule": EvaluationID(faults[0].Rule), "Field": faults[0].Field}}
	}
	r.result = Impact{Trial: p.ImpactTrial, AsOf: p.asOf, Stamp: s.Stamp, Institutions: p.institutions, Programmes: len(r.variant.Programmes())}
	before, err := b.countBefore(ctx, p)
	if err != nil {
		return nil, err
	}
	r.result.Before = &before
	accounts, err := r.accounts(ctx)
	if err != nil {
		return nil, err
	}
	progress.total(int64(len(accounts)))
	for some := range slices.Chunk(accounts, impactLearners) {
		if err := r.look(ctx, some); err != nil {
			return nil, err
		}
	}
	return r.finish(ctx)
}

// accounts are those of the learners whom the change can concern, in their order.
func (r *impactRun) accounts(ctx context.Context) (accounts []string, err error) {
	count := func(rows *sql.Rows) error { return rows.Scan(&r.result.Learners) }
	if err := r.db.each(ctx, count, `SELECT count(*) FROM learner l WHERE `+livingLearners); err != nil {
		return nil, err
	}
	triggers, some := r.variant.Triggers()
	if !some {
		err := r.db.each(ctx, func(rows *sql.Rows) error {
			var account string
			err := rows.Scan(&account)
			accounts = append(accounts, account)
			return err
		}, `SELECT account FROM learner l WHERE `+livingLearners+` ORDER BY account`)
		return accounts, err
	}
	found := map[string]bool{}
	for issuer, courses := range byInstitution(triggers) {
		err := r.db.each(ctx, func(rows *sql.Rows) error {
			var account, course string
			err := rows.Scan(&account, &course)
			if courses[course] {
				found[account] = true
			}
			return err
		}, `SELECT DISTINCT learner, course FROM record WHERE institution = $1 AND standing <> ''`, issuer)
		if err != nil {
			return nil, err
		}
	}
	return sortedKeys(found), nil
}

// livingLearners are the accounts of people who can still transfer something: not
// erased, and not merged into another.
const livingLearners = `l.erased_at IS NULL AND NOT EXISTS (SELECT 1 FROM learner_merge m WHERE m.account = l.account)`

func byInstitution(courses []transfer.CourseKey) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, c := range courses {
		if all[c.Institution] == nil {
			all[c.Institution] = map[string]bool{}
		}
		all[c.Institution][c.Code] = true
	}
	return all
}

// asked is a learner of whom the change is asked.
type asked struct {
	account string
	school  string                // where the learner is; may be empty
	own     transfer.ProgrammeKey // the learner's goal, else where they are enrolled; may be empty
	records []transfer.Record
}

// look reads some learners and counts what the change does to each.
func (r *impactRun) look(ctx context.Context, accounts []string) error {
	learners, err := r.read(ctx, accounts)
	if err != nil {
		return err
	}
	for _, l := range learners {
		if len(l.records) > 0 {
			r.count(l)
		}
		if err := r.progress.add(1); err != nil {
			return err
		}
	}
	return r.progress.add(int64(len(accounts) - len(learners))) // merged or erased
}

// count counts one learner.
func (r *impactRun) count(l asked) {
	moves := r.variant.Moves(l.records, r.asOf)
	r.sum.Add(l.own, moves)
	if len(moves) == 0 {
		return
	}
	main := transfer.MainMove(l.own, moves)
	r.result.Steps[impactStep(main.Applied())]++
	r.sample.take(sampled{asked: asked{account: l.account, school: l.school, own: l.own}, Move: main})
}

// read reads learners with their results, in the order of the accounts.
func (r *impactRun) read(ctx context.Context, accounts []string) (learners []asked, err error) {
	args := make([]any, len(accounts))
	for i, account := range accounts {
		args[i] = account
	}
	list, args := wanted(args, 1)
	at := map[string]int{}
	err = r.db.each(ctx, func(rows *sql.Rows) error {
		var l asked
		err := rows.Scan(&l.account, &l.school, &l.own.Institution, &l.own.Code)
		at[l.account] = len(learners)
		learners = append(learners, l)
		return err
	}, `SELECT l.account, coalesce(l.institution, ''), coalesce(g.institution, CASE WHEN l.programme IS NULL THEN '' ELSE l.institution END),
		coalesce(g.programme, l.programme, '') FROM learner l LEFT JOIN goal g ON g.learner = l.account
		WHERE l.account IN (VALUES `+list+`) AND `+livingLearners+` ORDER BY l.account`, args...)
	if err != nil {
		return nil, err
	}
	err = r.db.each(ctx, func(rows *sql.Rows) error {
		account, _, record, err := scanAsked(rows)
		if i, known := at[account]; known {
			learners[i].records = append(learners[i].records, record)
		}
		return err
	}, selectAsked(r.Today())+` WHERE learner IN (VALUES `+list+`) AND standing <> ''`, args...)
	return learners, err
}

// finish keeps the sample, and gives the numbers.
func (r *impactRun) finish(ctx context.Context) (Impact, error) {
	in := &r.result
	in.Looked, in.Gaining, in.Losing = r.sum.Learners, r.sum.Gaining, r.sum.Losing
	in.Own, in.Main, in.Moved = Tally(r.sum.Own), Tally(r.sum.Main), len(r.sum.Programmes)
	for key, t := range r.sum.Programmes {
		in.Most = append(in.Most, ProgrammeImpact{key, Tally(t)})
	}
	slices.SortFunc(in.Most, func(a, b ProgrammeImpact) int {
		return cmp.Or(cmp.Compare(b.Tally.Gaining+b.Tally.Losing, a.Tally.Gaining+a.Tally.Losing),
			cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Code, b.Code))
	})
	in.Most = in.Most[:min(len(in.Most), impactProgrammes)]
	job := r.progress.id
	return *in, r.write(ctx, r.actor, func(t *tx) error {
		if err := t.keepSample(job, r.sample.all()); err != nil {
			return err
		}
		return t.audit("impact.run", job, r.object)
	})
}

// impactSample are the learners whom a change moves most, each way.
type impactSample struct{ losses, gains []sampled }

// sampled is a learner with the move that matters most.
type sampled struct {
	asked
	transfer.Move
}

// sampleEach is how many learners a sample holds of those who lose, and of those who gain.
const sampleEach = 15

func (s *impactSample) take(l sampled) {
	into := &s.losses
	if l.Gains() {
		into = &s.gains
	}
	at, _ := slices.BinarySearchFunc(*into, l, compareSampled)
	if at < sampleEach {
		*into = slices.Insert(*into, at, l)
		*into = (*into)[:min(len(*into), sampleEach)]
	}
}

// compareSampled puts what moves more before what moves less.
func compareSampled(a, b sampled) int {
	extent := func(x sampled) (applied, transferable int64) {
		return int64(max(x.Applied(), -x.Applied())), int64(max(x.Transferable(), -x.Transferable()))
	}
	aApplied, aAll := extent(a)
	bApplied, bAll := extent(b)
	return cmp.Or(cmp.Compare(bApplied, aApplied), cmp.Compare(bAll, aAll), cmp.Compare(a.account, b.account))
}

func (s *impactSample) all() []sampled { return slices.Concat(s.losses, s.gains) }

func (t *tx) keepSample(job string, sample []sampled) error {
	rows := make([][]any, len(sample))
	for i, l := range sample {
		rows[i] = []any{l.account, job, i + 1, l.school, l.Programme.Institution, l.Programme.Code, l.Programme == l.own,
			l.Before.Applied, l.After.Applied, l.Before.Transferable, l.After.Transferable}
	}
	return t.insert("impact_learner", []string{"learner", "job", "seq", "school", "institution", "programme", "own",
		"applied_before", "applied_after", "transferable_before", "transferable_after"}, rows)
}
