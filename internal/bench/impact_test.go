package bench

import (
	"errors"
	"slices"
	"testing"

	"creditbank/internal/transfer"
)

// BenchmarkImpact asks for learners of a generated country, one after the other, what
// a change would do to them: a rule that changes, a cap of one school and a policy of
// the whole bank. planned/1000 is how many of a thousand were not passed over.
func BenchmarkImpact(b *testing.B) {
	c := NewCountry(Shape{Seed: 3, Programmes: 1_000, Rules: 50_000, Density: Medium})
	m := transfer.Compile(c.Facts())
	better := plainRule(m)
	better.Targets = []transfer.Target{{Course: better.Targets[0].Course, Group: better.Targets[0].Group, Mode: transfer.Fixed, Credits: 1000}}
	school := transfer.Place{Scope: transfer.ScopeInstitution, Institution: better.Institution}
	for _, change := range []struct {
		name string
		transfer.Change
	}{
		{"rule", transfer.Change{Rules: []transfer.Rule{better}}},
		{"cap", transfer.Change{Caps: []transfer.Cap{{Place: school, From: AsOf(), Kind: transfer.CapTotal, Credits: 600, Share: -1}}}},
		{"policy", transfer.Change{Policies: []transfer.Policy{{Place: transfer.Place{Scope: transfer.ScopeBank}, From: AsOf(), MinGrade: 7500, Validity: -1, MaxRise: -1}}}},
	} {
		b.Run(change.name, func(b *testing.B) { eachImpact(b, c, m, change.Change) })
	}
}

// plainRule is a rule of one course to one that leads to no standard unit.
func plainRule(m *transfer.Map) transfer.Rule {
	for n := int32(m.Size() / 2); ; n++ {
		r := m.RuleAt(n)
		at, _ := m.InstitutionNumber(r.Sources[0].Institution)
		if len(r.Sources) == 1 && len(r.Targets) == 1 && r.Outcome == transfer.Credit && m.InstitutionAt(at).Kind != transfer.KindBank {
			return r
		}
	}
}

func eachImpact(b *testing.B, c *Country, m *transfer.Map, change transfer.Change) {
	const learners = 1000
	all := make([][]transfer.Record, learners)
	for n := range all {
		all[n] = c.Learner(n)
	}
	var v *transfer.Variant
	prepared, err := cpu(func() error { v = m.With(change); return nil })()
	asked := map[transfer.CourseKey]bool{}
	triggers, some := v.Triggers()
	for _, key := range triggers {
		asked[key] = true
	}
	planned, n := 0, 0
	var sum transfer.Impact
	looked, workErr := cpu(func() error {
		for b.Loop() {
			records := all[n%learners]
			if !some || touches(records, asked) {
				planned++
			}
			sum.Add(transfer.ProgrammeKey{}, v.Moves(records, AsOf()))
			n++
		}
		return nil
	})()
	if err := errors.Join(err, workErr); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(prepared*1000, "cpu-ms-to-prepare")
	b.ReportMetric(looked*1000/float64(n), "cpu-ms/learner")
	b.ReportMetric(looked*1000/float64(max(planned, 1)), "cpu-ms/planned")
	b.ReportMetric(float64(len(v.Programmes())), "programmes")
	b.ReportMetric(float64(planned)*learners/float64(n), "planned/1000")
	b.ReportMetric(float64(sum.Gaining+sum.Losing)*learners/float64(n), "moved/1000")
}

func touches(records []transfer.Record, asked map[transfer.CourseKey]bool) bool {
	for i := range records {
		if asked[records[i].CourseKey] {
			return true
		}
	}
	return false
}

// What a change does to learners of a country, found programme by programme, is the
// difference of the whole rankings before and after.
func TestMovesOfACountry(t *testing.T) {
	c := NewCountry(Shape{Seed: 5, Programmes: 80, Rules: 8_000, Density: Medium})
	facts := c.Facts()
	m := transfer.Compile(facts)
	home := c.programmeKey(7)
	places := []transfer.Place{{Scope: transfer.ScopeBank}, {Scope: transfer.ScopeInstitution, Institution: home.Institution},
		{Scope: transfer.ScopeProgramme, Institution: home.Institution, Programme: home.Code}}
	for n, at := range places {
		stricter := transfer.Policy{Place: at, From: AsOf(), MinGrade: 6500, Validity: -1, MaxRise: -1}
		looser := transfer.Policy{Place: at, From: AsOf(), MinGrade: transfer.NoScore, Validity: 20, MaxRise: 9}
		limit := transfer.Cap{Place: at, From: AsOf(), Kind: transfer.CapTotal, Credits: 3000, Share: -1}
		for _, change := range []transfer.Change{{Policies: []transfer.Policy{stricter}}, {Policies: []transfer.Policy{looser}}, {Caps: []transfer.Cap{limit}},
			{Ended: []transfer.RuleRef{m.RuleAt(int32(m.Size() / 2)).RuleRef}}} {
			after := facts
			after.Policies = slices.Concat(facts.Policies, change.Policies)
			after.Caps = slices.Concat(facts.Caps, change.Caps)
			after.Rules = slices.DeleteFunc(slices.Clone(facts.Rules), func(r transfer.Rule) bool { return slices.Contains(change.Ended, r.RuleRef) })
			holdMoves(t, m.With(change), m, transfer.Compile(after), c.Learner(n))
		}
	}
}

func holdMoves(t *testing.T, v *transfer.Variant, before, after *transfer.Map, records []transfer.Record) {
	t.Helper()
	standings := map[transfer.ProgrammeKey]transfer.Standing{}
	for _, s := range before.Rank(transfer.Ask{Records: records, AsOf: AsOf()}).Standings {
		standings[s.Programme] = s
	}
	want := map[transfer.ProgrammeKey]transfer.Move{}
	for _, s := range after.Rank(transfer.Ask{Records: records, AsOf: AsOf()}).Standings {
		move := transfer.Move{Programme: s.Programme, Before: standings[s.Programme], After: s}
		if move.Applied() != 0 || move.Transferable() != 0 {
			want[s.Programme] = move
		}
	}
	moves := v.Moves(records, AsOf())
	for _, got := range moves {
		if got != want[got.Programme] {
			t.Errorf("%v: %+v, want %+v", got.Programme, got, want[got.Programme])
		}
	}
	if len(moves) != len(want) {
		t.Errorf("%d programmes move, want %d", len(moves), len(want))
	}
}
