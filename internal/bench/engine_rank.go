package bench

import (
	"database/sql"
	"runtime"
	"slices"
	"syscall"

	"creditbank/internal/transfer"
)

const top = 20 // programmes that are wanted of a ranking

// field is a country in the engine and beside it, with its learners.
type field struct {
	*Country
	facts    transfer.Facts
	m        *transfer.Map
	learners [][]transfer.Record
}

func newField(c *Country, learners int) *field {
	f := &field{Country: c, facts: c.Facts()}
	f.m = transfer.Compile(f.facts)
	for n := range learners {
		f.learners = append(f.learners, c.Learner(n))
	}
	return f
}

func (f *field) ask(learner int) transfer.Ask {
	return transfer.Ask{Records: f.learners[learner], AsOf: AsOf(), Top: top}
}

// ranking sets the ranking beside SQL.
func (r *run) ranking(d Density, id string, must, aim *Goal) error {
	f := newField(r.country(d), r.size.ranked)
	p, err := newPeer(r.ctx, f.facts, AsOf())
	if err != nil {
		return err
	}
	err = r.besideSQL(f, p, Row{ID: id, What: "ranking, top 20", Beside: "one SQL statement in SQLite", Unit: "×", Must: must, Aim: aim})
	if err != nil {
		return closing(p.db, err)
	}
	return p.close()
}

// besideSQL measures the learners of the scale, some of them in each pair, beside
// the statement as one writes it down, which the goals are about, and beside the
// one that is tuned by hand.
func (r *run) besideSQL(f *field, p *peer, row Row) error {
	if err := r.sameRankings(f, p, &row); err != nil {
		return err
	}
	tuned := Row{ID: row.ID + " tuned", What: row.What, Beside: "the statement tuned by hand", Unit: row.Unit}
	for _, side := range []struct {
		row       Row
		statement *sql.Stmt
	}{{row, p.plain}, {tuned, p.tuned}} {
		s, err := interleave(r.ctx, byCPU, r.size.pairs, r.turns(f, again, func(learner int) error {
			f.m.Bounds(f.ask(learner))
			return nil
		}), r.turns(f, 1, func(learner int) error {
			_, err := p.rank(r.ctx, side.statement, f.learners[learner], AsOf(), top)
			return err
		}))
		if err != nil {
			return err
		}
		side.row.note("%s and %s a learner, %d records, about %d rules ask for each; processor time of this process", took(median(s.A)), took(median(s.B)),
			recordsEach, f.Density)
		r.add(side.row.of(s))
	}
	return nil
}

// again is how often the engine is asked for each learner, so that what it takes
// is long beside the steps of the clock.
const again = 5

// turns takes the next few learners in each pair and gives what one of them takes.
func (r *run) turns(f *field, times int, work func(learner int) error) timed {
	each, next := max(1, r.size.ranked/r.size.pairs), 0
	return func() (float64, error) {
		began := usage(syscall.RUSAGE_SELF)
		for range each {
			for range times {
				if err := work(next % r.size.ranked); err != nil {
					return 0, err
				}
			}
			next++
		}
		return (usage(syscall.RUSAGE_SELF) - began) / float64(each*times), nil
	}
}

// sameRankings holds the engine's rankings against both statements, row by row.
func (r *run) sameRankings(f *field, p *peer, row *Row) error {
	const plainly = 3 // learners for whom the slow statement is asked too
	for n := range r.size.ranked {
		got := f.m.Bounds(f.ask(n)).Standings
		want, err := p.rank(r.ctx, p.tuned, f.learners[n], AsOf(), top)
		if err != nil {
			return err
		}
		row.compare(n, "tuned", got, want)
		if n >= plainly {
			continue
		}
		if want, err = p.rank(r.ctx, p.plain, f.learners[n], AsOf(), top); err != nil {
			return err
		}
		row.compare(n, "plain", got, want)
	}
	return nil
}

// compare notes the first row in which two rankings differ.
func (r *Row) compare(learner int, statement string, got, want []transfer.Standing) {
	if len(got) != len(want) {
		r.fault("learner %d: %d programmes, %d by the %s statement", learner, len(got), len(want), statement)
		return
	}
	for i := range got {
		if g, w := got[i], want[i]; g.Programme != w.Programme || g.Applied != w.Applied || g.Transferable != w.Transferable || g.Required != w.Required {
			r.fault("learner %d, place %d: %v, by the %s statement %v", learner, i+1, g, statement, w)
			return
		}
	}
}

// exact sets p99 of the exact first programmes with their explained plans beside
// p99 of the ranking by bounds. Twenty plans are as much work in a small country
// as in a large one, and the ranking is not: the ratio belongs to the large one.
func (r *run) exact() error {
	c := r.country(Medium)
	if r.size.wide {
		c = NewCountry(Shape{Seed: r.options.Seed, Programmes: fullProgrammes, Rules: fullRules, Density: Medium})
	}
	f := newField(c, r.size.exact)
	f.facts = transfer.Facts{} // a bank does not keep them: they would be gone through whenever memory is swept
	row := Row{ID: "E3", What: "p99 of the exact top 20, explained", Beside: "p99 of the ranking by bounds", Unit: "×", Must: atMost(3), Aim: atMost(1.5)}
	p99 := func(work func(n int)) timed {
		return func() (float64, error) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var each []float64
			for n := range f.learners {
				began := usage(syscall.RUSAGE_THREAD)
				work(n)
				each = append(each, usage(syscall.RUSAGE_THREAD)-began)
			}
			return quantile(each, 0.99), nil
		}
	}
	s, err := interleave(r.ctx, byCPU, r.size.pairs,
		p99(func(n int) { f.m.Bounds(f.ask(n)) }), p99(func(n int) { f.explained(n) }))
	if err != nil {
		return err
	}
	f.facts = c.Facts()
	f.checkExact(&row)
	row.note("p99 of %d learners before %d programmes: %s by bounds, %s exact with %d plans and all reasons; processor time of the thread that asks, so what the collector does beside it is left out", len(f.learners), f.Programmes, took(median(s.A)), took(median(s.B)), top)
	r.add(row.of(s))
	return nil
}

// explained is the whole answer: the first programmes and the plan of each.
func (f *field) explained(learner int) (transfer.Ranking, []transfer.Answer) {
	inquiry := f.m.For(f.learners[learner], AsOf())
	ranking := inquiry.Rank(nil, top)
	answers := make([]transfer.Answer, len(ranking.Standings))
	for i, s := range ranking.Standings {
		answers[i], _ = inquiry.Plan(s.Programme)
	}
	return ranking, answers
}

// checkExact holds, for a few learners, the first programmes against the ranking
// of all and each plan against an independent checker.
func (f *field) checkExact(row *Row) {
	const learners = 3
	for n := range min(learners, len(f.learners)) {
		ranking, answers := f.explained(n)
		all := f.m.Rank(transfer.Ask{Records: f.learners[n], AsOf: AsOf()}).Standings
		if !slices.Equal(ranking.Standings, all[:len(ranking.Standings)]) {
			row.fault("learner %d: the first %d are not the first of all", n, len(ranking.Standings))
		}
		for i, a := range answers {
			if s := ranking.Standings[i]; a.Applied != s.Applied || a.Transferable != s.Transferable || a.Optimal != s.Optimal {
				row.fault("learner %d, %s: ranked by %s and %s, the plan gives %s and %s", n, s.Programme.Code, s.Applied, s.Transferable, a.Applied, a.Transferable)
			}
			if err := checkPlan(f.facts, f.learners[n], a); err != nil {
				row.fault("learner %d, %s: %v", n, a.Programme.Code, err)
			}
		}
	}
}
