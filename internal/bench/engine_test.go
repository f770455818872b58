package bench

import (
	"cmp"
	"database/sql"
	"slices"
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// The ranking by bounds, both statements and a plain computation from the facts
// are one ranking, of every programme; the exact one is that of all plans.
func TestRankingsAreOne(t *testing.T) {
	for _, density := range []Density{Sparse, Medium} {
		f := newField(NewCountry(Shape{Seed: 3, Programmes: 120, Rules: 3_000, Density: density}), 12)
		p, err := newPeer(t.Context(), f.facts, AsOf())
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 7, 11} { // the last two have results at a receiving institution
			var row Row
			got := f.m.Bounds(transfer.Ask{Records: f.learners[n], AsOf: AsOf()}).Standings
			row.compare(n, "simple", got, f.simpleBounds(t, n))
			for name, statement := range map[string]*sql.Stmt{"tuned": p.tuned, "plain": p.plain} {
				want, err := p.rank(t.Context(), statement, f.learners[n], AsOf(), len(f.facts.Programmes))
				if err != nil {
					t.Fatal(err)
				}
				row.compare(n, name, got, want)
			}
			for _, fault := range row.Faults {
				t.Errorf("density %d: %s", density, fault)
			}
		}
		if err := p.close(); err != nil {
			t.Error(err)
		}
	}
}

// simpleBounds computes the bound for one programme after the other, rule by rule.
func (f *field) simpleBounds(t *testing.T, learner int) []transfer.Standing {
	l := newPeerLoader(t.Context(), &peer{courses: map[transfer.CourseKey]int{}, rates: map[string]credit.Rate{}, versions: map[transfer.CourseKey][]transfer.Course{}},
		f.facts, AsOf())
	var list []transfer.Standing
	for i := range f.facts.Programmes {
		list = append(list, f.simpleBound(l, &f.facts.Programmes[i], f.learners[learner]))
	}
	slices.SortFunc(list, func(a, b transfer.Standing) int {
		return cmp.Or(cmp.Compare(b.Applied, a.Applied), cmp.Compare(b.Applied*a.Required, a.Applied*b.Required),
			cmp.Compare(b.Transferable, a.Transferable), cmp.Compare(a.Programme.Code, b.Programme.Code), cmp.Compare(a.Programme.Institution, b.Programme.Institution))
	})
	return list
}

func (f *field) simpleBound(l *peerLoader, p *transfer.Programme, records []transfer.Record) transfer.Standing {
	place := map[string]transfer.PlanCourse{}
	for _, c := range p.Plan {
		place[c.Course] = c
	}
	need, awarded, held := map[string]credit.Amount{}, map[string]credit.Amount{}, map[string]bool{}
	for _, g := range p.Groups {
		need[g.Code] = g.Min
	}
	for _, r := range records {
		if r.Institution == p.Institution && r.Passed && !held[r.Code] {
			held[r.Code] = true
			need[place[r.Code].Group] -= courseOn(l.versions[r.CourseKey], AsOf()).Credits
		}
	}
	best := map[string]credit.Amount{}
	s := transfer.Standing{Programme: p.ProgrammeKey, Required: p.Required, Optimal: true}
	for i := range f.facts.Rules {
		r := &f.facts.Rules[i]
		if r.Institution != p.Institution || (r.Programme != "" && r.Programme != p.Code) || r.Outcome != transfer.Credit || !l.simplyMet(r, records) {
			continue
		}
		for _, t := range r.Targets {
			switch credits := l.simpleCredits(r, t, records); {
			case t.Course == "":
				awarded[t.Group] += credits
				s.Transferable += credits
			case !held[t.Course] && !place[t.Course].NeverExempt:
				best[t.Course] = max(best[t.Course], credits)
			}
		}
	}
	for course, credits := range best {
		s.Transferable += credits
		awarded[place[course].Group] += credits
	}
	for _, g := range p.Groups {
		s.Applied += min(max(0, need[g.Code]), awarded[g.Code])
	}
	limit := l.total(p)
	s.Applied, s.Transferable = min(s.Applied, limit), min(s.Transferable, limit)
	return s
}

// ways are the courses, with their conditions, that can stand for a source.
func (l *peerLoader) ways(r *transfer.Rule, s transfer.Source) map[transfer.CourseKey][]condition {
	c := conditionOf(r, s)
	if c.min == transfer.NoScore {
		c.min = l.policies[r.Institution].MinGrade
	}
	c.years = cmp.Or(c.years, l.policies[r.Institution].Validity)
	ways := map[transfer.CourseKey][]condition{s.CourseKey: {c}}
	for _, feeder := range l.feeders[s.CourseKey] {
		first := feeder.Sources[0]
		ways[first.CourseKey] = append(ways[first.CourseKey], conditionOf(&feeder, first).and(c))
	}
	return ways
}

func (l *peerLoader) simplyMet(r *transfer.Rule, records []transfer.Record) bool {
	for _, s := range r.Sources {
		ways := l.ways(r, s)
		if !slices.ContainsFunc(records, func(record transfer.Record) bool {
			return slices.ContainsFunc(ways[record.CourseKey], func(c condition) bool { return c.holds(&record) })
		}) {
			return false
		}
	}
	return true
}

func (c condition) holds(r *transfer.Record) bool {
	switch {
	case !r.Passed, r.Used != "",
		r.Completed < c.from, // None comes before every day
		c.to != calendar.None && r.Completed > c.to,
		c.years > 0 && AsOf() > r.Completed.AddYears(c.years),
		r.Score < c.min,
		c.max != transfer.NoScore && (r.Score == transfer.NoScore || r.Score > c.max):
		return false
	}
	return true
}

func (l *peerLoader) simpleCredits(r *transfer.Rule, t transfer.Target, records []transfer.Record) credit.Amount {
	switch {
	case t.Exemption:
		return 0
	case t.Mode == transfer.Catalogue:
		return courseOn(l.versions[transfer.CourseKey{Institution: r.Institution, Code: t.Course}], AsOf()).Credits
	case t.Mode == transfer.Fixed:
		return t.Credits
	}
	var sum credit.Hours
	for _, s := range r.Sources {
		var most credit.Hours
		for i := range records {
			if ways := l.ways(r, s); len(ways[records[i].CourseKey]) > 0 {
				most = max(most, l.hours(&records[i]))
			}
		}
		sum += most
	}
	return l.rates[r.Institution].Credits(sum, l.step[r.Institution])
}

func TestFirstOfTheRankingAreTheFirstOfAll(t *testing.T) {
	f := newField(NewCountry(Shape{Seed: 5, Programmes: 1_200, Rules: 2_000, Density: Sparse}), 2)
	var row Row
	f.checkExact(&row)
	for _, fault := range row.Faults {
		t.Error(fault)
	}
}

// The checks of the answers find what is wrong.
func TestChecksFindWrongAnswers(t *testing.T) {
	f := newField(NewCountry(Shape{Seed: 5, Programmes: 1_200, Rules: 2_000, Density: Sparse}), 1)
	ranking, answers := f.explained(0)
	var row Row
	other := slices.Clone(ranking.Standings)
	other[3].Applied++
	row.compare(0, "other", ranking.Standings, other)
	row.compare(0, "shorter", ranking.Standings, other[:5])
	if len(row.Faults) != 2 {
		t.Errorf("two wrong rankings, and %v", row.Faults)
	}
	a := answers[0]
	if err := checkPlan(f.facts, f.learners[0], a); err != nil {
		t.Error(err)
	}
	a.Applied += 50
	if checkPlan(f.facts, f.learners[0], a) == nil {
		t.Error("a plan passes for more than it gives")
	}
	a = answers[0]
	a.Items = append(slices.Clone(a.Items), a.Items[0])
	if checkPlan(f.facts, f.learners[0], a) == nil {
		t.Error("a plan may choose a rule twice")
	}
}

// The bank takes the contract's files and serves the same map as the facts.
func TestStartMeasuresOneMap(t *testing.T) {
	r := tinyRun(t)
	if err := r.start(); err != nil {
		t.Fatal(err)
	}
	if row := r.report.Rows[0]; row.ID != "E5" || len(row.Faults) > 0 || row.Value <= 0 {
		t.Errorf("got %+v", row)
	}
}

func TestMemoryAndGrowthAreMeasured(t *testing.T) {
	r := tinyRun(t)
	for _, measure := range []func() error{r.memory, r.twice, r.growth} {
		if err := measure(); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range r.report.Rows {
		if len(row.Faults) > 0 || row.Pairs == 0 {
			t.Errorf("got %+v", row)
		}
	}
}

func tinyRun(t *testing.T) *run {
	t.Helper()
	z, err := Tiny.size()
	if err != nil {
		t.Fatal(err)
	}
	return &run{ctx: t.Context(), options: Options{Scale: Tiny, Seed: 1, Dir: t.TempDir()}, size: z}
}

func TestUnknownScale(t *testing.T) {
	if _, err := Engine(t.Context(), Options{Scale: "huge"}); err == nil {
		t.Error("there is no such scale")
	}
}
