package transfer_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/packed"
	"creditbank/internal/transfer"
)

// What the directory lists is what was compiled, in its order.
func TestDirectoryListsTheFacts(t *testing.T) {
	for seed := range uint64(300) {
		w := randomWorld(seed)
		m := transfer.Compile(w.facts)
		if len(m.ByCode()) != m.Size() || !slices.IsSortedFunc(m.ByCode(), func(a, b int32) int { return transfer.CompareRefs(m.RefAt(a), m.RefAt(b)) }) {
			t.Fatalf("seed %d: %d of %d rules, or not in order", seed, len(m.ByCode()), m.Size())
		}
		for _, r := range w.facts.Rules {
			from, to := m.VersionsOf(r.Code)
			at := slices.IndexFunc(m.ByCode()[from:to], func(n int32) bool { return m.RefAt(n) == r.RuleRef })
			refused := slices.ContainsFunc(m.Faults(), func(f transfer.Fault) bool { return f.Rule == r.RuleRef })
			if (at < 0) != refused {
				t.Fatalf("seed %d: %v is at %d, refused %v", seed, r.RuleRef, at, refused)
			}
			if at >= 0 {
				checkRule(t, m.RuleAt(m.ByCode()[from+at]), r)
			}
		}
		for _, p := range w.facts.Programmes {
			n, known := m.ProgrammeNumber(p.ProgrammeKey)
			from, to := m.GroupsOf(n)
			if !known || m.ProgrammeAt(n) != p.ProgrammeKey || m.Required(n) != p.Required || int(to-from) != len(p.Groups) {
				t.Errorf("seed %d: programme %v", seed, p.ProgrammeKey)
			}
		}
	}
}

// checkRule holds a rule that was read back against the one that was compiled;
// the order of its parts is the map's own.
func checkRule(t *testing.T, got, want transfer.Rule) {
	t.Helper()
	same := len(got.Sources) == len(want.Sources) && len(got.Targets) == len(want.Targets)
	for _, s := range want.Sources {
		same = same && slices.Contains(got.Sources, s)
	}
	for _, target := range want.Targets {
		same = same && slices.ContainsFunc(got.Targets, func(g transfer.Target) bool {
			return g == target || g.Exemption && target.Exemption && g.Course == target.Course
		})
	}
	got.Sources, got.Targets, want.Sources, want.Targets = nil, nil, nil, nil
	if !same || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// The order in which rules are handed over decides nothing, to the byte.
func TestOrderOfRulesDecidesNothing(t *testing.T) {
	for seed := range uint64(100) {
		w := randomWorld(seed)
		want := transfer.Compile(w.facts).AppendBinary(nil)
		slices.Reverse(w.facts.Rules)
		if !slices.Equal(transfer.Compile(w.facts).AppendBinary(nil), want) {
			t.Fatalf("seed %d: other bytes", seed)
		}
	}
}

// A choice is what it says of each rule.
func TestChoose(t *testing.T) {
	chosen := 0
	for seed := range uint64(400) {
		w := randomWorld(seed)
		m := transfer.Compile(w.facts)
		d := dice{Rand: rand.New(rand.NewPCG(seed, 11))}
		c := transfer.Choice{On: calendar.None}
		r := w.facts.Rules[d.IntN(len(w.facts.Rules))]
		for _, narrow := range []func(){
			func() { c.SourceInstitution = r.Sources[0].Institution }, func() { c.SourceCourse = r.Sources[len(r.Sources)-1].Code },
			func() { c.TargetInstitution = r.Institution }, func() { c.Programme = "p1" }, func() { c.Outcome = r.Outcome },
			func() { c.On = w.asOf }, func() {
				if len(r.Targets) > 0 {
					c.TargetCourse = r.Targets[0].Course
				}
			},
			func() {
				c.About = packed.NewSet(int32(m.CourseCount()))
				for n := range int32(m.CourseCount()) {
					if d.one(30) {
						c.About.Add(n)
					}
				}
			},
		} {
			if d.one(25) {
				narrow()
			}
		}
		got := m.Choose(c)
		for n := range int32(m.Size()) {
			if want := holds(m, c, m.RuleAt(n)); got.Has(n) != want {
				t.Fatalf("seed %d: %+v of %+v: want %v", seed, c, m.RuleAt(n), want)
			} else if want {
				chosen++
			}
		}
	}
	if chosen < 400 {
		t.Errorf("%d chosen rules prove little", chosen)
	}
}

func holds(m *transfer.Map, c transfer.Choice, r transfer.Rule) bool {
	about := func(k transfer.CourseKey) bool {
		n, known := m.CourseNumber(k)
		return known && c.About.Has(n)
	}
	gives := func(t transfer.Target) bool {
		return about(transfer.CourseKey{Institution: r.Institution, Code: t.Course})
	}
	return slices.ContainsFunc(r.Sources, func(s transfer.Source) bool {
		return (c.SourceInstitution == "" || s.Institution == c.SourceInstitution) && (c.SourceCourse == "" || s.Code == c.SourceCourse)
	}) && (c.TargetInstitution == "" || r.Institution == c.TargetInstitution) &&
		(c.TargetCourse == "" || slices.ContainsFunc(r.Targets, func(t transfer.Target) bool { return t.Course == c.TargetCourse })) &&
		(c.Programme == "" || r.Programme == "" || r.Programme == c.Programme) && (c.Outcome == "" || r.Outcome == c.Outcome) &&
		(c.On == calendar.None || (r.From == calendar.None || r.From <= c.On) && (r.To == calendar.None || c.On <= r.To)) &&
		(c.About == nil || slices.ContainsFunc(r.Sources, func(s transfer.Source) bool { return about(s.CourseKey) }) || slices.ContainsFunc(r.Targets, gives))
}
