package transfer_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// randomChange takes rules away, gives new ones from another random world, and
// moves caps, policies and credits.
func (w *world) randomChange(seed uint64) transfer.Change {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 23))}
	other := randomWorld(seed + 1_000_000)
	var c transfer.Change
	for _, r := range w.facts.Rules {
		if d.one(15) {
			c.Ended = append(c.Ended, r.RuleRef)
		}
	}
	for _, r := range other.facts.Rules {
		if d.one(10) {
			c.Rules = append(c.Rules, r)
		}
	}
	if d.one(20) && len(other.facts.Policies) > 0 {
		c.Policies = append(c.Policies, pick(d, other.facts.Policies...))
	}
	if d.one(20) && len(other.facts.Caps) > 0 {
		c.Caps = append(c.Caps, pick(d, other.facts.Caps...))
	}
	if d.one(20) {
		v := pick(d, w.facts.Courses...)
		v.Credits, v.From, v.To = credit.Amount(50*d.IntN(12)), today-10, calendar.None
		c.Courses = append(c.Courses, v)
	}
	return c
}

// apply makes the change by hand, on all facts.
func (w *world) apply(c transfer.Change) world {
	changed := *w
	goes := func(r transfer.Rule) bool {
		return slices.Contains(c.Ended, r.RuleRef) || slices.ContainsFunc(c.Rules, func(o transfer.Rule) bool { return o.RuleRef == r.RuleRef })
	}
	changed.facts.Rules = append(slices.DeleteFunc(slices.Clone(w.facts.Rules), goes), c.Rules...)
	changed.facts.Courses = slices.Concat(w.facts.Courses, c.Courses)
	changed.facts.Policies = slices.Concat(w.facts.Policies, c.Policies)
	changed.facts.Caps = slices.Concat(w.facts.Caps, c.Caps)
	return changed
}

// What a change moves is what compiling everything again and planning for every
// programme, before and after, comes to.
func TestChangeMovesWhatAFullCompileMoves(t *testing.T) {
	var moved atomic.Int64
	inShards(t, 3_000, func(t *testing.T, seed uint64) {
		w := randomWorld(seed)
		c := w.randomChange(seed)
		changed := w.apply(c)
		m, after := transfer.Compile(w.facts), transfer.Compile(changed.facts)
		var want []transfer.ProgrammeKey
		for _, p := range w.facts.Programmes {
			a, _ := m.Plan(p.ProgrammeKey, w.records, w.asOf)
			b, _ := after.Plan(p.ProgrammeKey, w.records, w.asOf)
			if a.Applied != b.Applied || a.Transferable != b.Transferable {
				want = append(want, p.ProgrammeKey)
			}
		}
		var got []transfer.ProgrammeKey
		v := m.With(c)
		for _, move := range v.Moves(w.records, w.asOf) {
			b, _ := after.Plan(move.Programme, w.records, w.asOf)
			if move.After.Applied != b.Applied || move.After.Transferable != b.Transferable || move.After.Required != b.Required {
				t.Errorf("seed %d, %v: after %+v, want %s and %s", seed, move.Programme, move.After, b.Applied, b.Transferable)
			}
			got = append(got, move.Programme)
		}
		slices.SortFunc(want, func(a, b transfer.ProgrammeKey) int {
			return slices.Compare([]string{a.Code, a.Institution}, []string{b.Code, b.Institution})
		})
		if !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: moves %v, want %v", seed, got, want)
		}
		moved.Add(int64(len(want)))
	})
	t.Cleanup(func() {
		if moved.Load() == 0 {
			t.Error("nothing ever moved: that proves nothing")
		}
	})
}

// A rule of a change that could never be served is named, and the map stays as it is.
func TestChangeNamesItsFaults(t *testing.T) {
	s := draw(t)
	s.rule("E1", "S:A", "T1")
	m := transfer.Compile(s.facts)
	bad := transfer.Rule{RuleRef: transfer.RuleRef{Code: "E2", Version: 1}, Institution: home, Outcome: transfer.Credit, From: 10, To: 5,
		Sources: s.facts.Rules[0].Sources, Targets: s.facts.Rules[0].Targets}
	v := m.With(transfer.Change{Rules: []transfer.Rule{bad}})
	if got := v.Faults(); len(got) != 1 || got[0].Rule.Code != "E2" || got[0].Field != "valid_to" {
		t.Errorf("got %v", got)
	}
	if len(m.Faults()) != 0 || m.Size() != 1 {
		t.Error("the map has changed")
	}
}

// The impact of a better rule is what each learner gains by it.
func TestImpactAddsUp(t *testing.T) {
	s := draw(t)
	s.rule("E1", "S:A", "T1")
	m := transfer.Compile(s.facts)
	better := s.facts.Rules[0]
	better.RuleRef = transfer.RuleRef{Code: "E2", Version: 1}
	better.Sources = []transfer.Source{{CourseKey: courseKey("S:B"), Min: transfer.NoScore, Max: transfer.NoScore}}
	better.Targets = []transfer.Target{{Course: "T3", Mode: transfer.Catalogue}}
	v := m.With(transfer.Change{Rules: []transfer.Rule{better}, Ended: []transfer.RuleRef{{Code: "E1", Version: 1}}})
	passed := func(keys ...string) []transfer.Record {
		var records []transfer.Record
		for _, k := range keys {
			records = append(records, transfer.Record{CourseKey: courseKey(k), Kind: transfer.KindCourse, Score: 8000, Passed: true, Completed: s.asOf - 100})
		}
		return records
	}
	learners := slices.Values([][]transfer.Record{passed("S:A"), passed("S:B"), passed("S:A", "S:B"), passed("S:C")})
	got := v.Impact(learners, s.asOf)
	p1 := transfer.ProgrammeKey{Institution: home, Code: "P1"}
	one := transfer.Tally{Gaining: 1, Losing: 1, Gained: 400, Lost: 400, More: 400, Fewer: 400}
	want := transfer.Impact{Learners: 4, Gaining: 1, Losing: 1, Main: one, Programmes: map[transfer.ProgrammeKey]transfer.Tally{p1: one}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// What matters most to a learner is the own programme, else what changes most.
func TestMainMove(t *testing.T) {
	move := func(code string, appliedBefore, appliedAfter, before, after credit.Amount) transfer.Move {
		return transfer.Move{Programme: transfer.ProgrammeKey{Institution: home, Code: code},
			Before: transfer.Standing{Applied: appliedBefore, Transferable: before}, After: transfer.Standing{Applied: appliedAfter, Transferable: after}}
	}
	small, big, loss, free := move("A", 0, 100, 0, 100), move("B", 0, 400, 0, 400), move("C", 500, 100, 500, 100), move("D", 0, 0, 0, 300)
	for _, c := range []struct {
		own   string
		moves []transfer.Move
		want  string
	}{
		{"A", []transfer.Move{small, big, loss}, "A"}, {"Z", []transfer.Move{small, big, loss}, "C"}, {"", []transfer.Move{big, small}, "B"},
		{"", []transfer.Move{free, small}, "A"}, {"", []transfer.Move{free}, "D"},
	} {
		if got := transfer.MainMove(transfer.ProgrammeKey{Institution: home, Code: c.own}, c.moves); got.Programme.Code != c.want {
			t.Errorf("own %q of %d moves: %v, want %s", c.own, len(c.moves), got.Programme, c.want)
		}
	}
	if !free.Gains() || loss.Gains() || move("E", 100, 100, 300, 200).Gains() || !move("E", 100, 200, 300, 200).Gains() {
		t.Error("a gain is not what it should be")
	}
}
