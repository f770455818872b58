package transfer_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// worth is what the best plan is worth, to be compared.
type worth struct{ applied, transferable credit.Amount }

func (w worth) gains(than worth) bool {
	return w.applied > than.applied || (w.applied == than.applied && w.transferable > than.transferable)
}

func (w *world) worth(m *transfer.Map, to transfer.ProgrammeKey, records []transfer.Record) worth {
	a, _ := m.Plan(to, records, w.asOf)
	return worth{a.Applied, a.Transferable}
}

// Whatever is said to help does, when the change is made and the plan is asked for again.
func TestHelpIsTrue(t *testing.T) {
	kinds := map[transfer.HelpKind]int{}
	for seed := range uint64(2_000) {
		w := randomWorld(seed)
		m := transfer.Compile(w.facts)
		for _, p := range w.facts.Programmes {
			list, known := m.Help(p.ProgrammeKey, w.records, w.asOf)
			if !known || len(list) > 5 {
				t.Fatalf("seed %d, %v: known %v, %d", seed, p.ProgrammeKey, known, len(list))
			}
			for i := range list {
				kinds[list[i].Kind]++
				for _, problem := range w.judgeHelp(m, p.ProgrammeKey, &list[i]) {
					t.Errorf("seed %d, %v, %+v: %s", seed, p.ProgrammeKey, list[i], problem)
				}
			}
		}
	}
	for _, kind := range transfer.HelpKinds() {
		if kinds[kind] < 50 {
			t.Errorf("%s was told %d times", kind, kinds[kind])
		}
	}
}

// judgeHelp says what is not so in a help.
func (w *world) judgeHelp(m *transfer.Map, to transfer.ProgrammeKey, h *transfer.Help) []string {
	var problems []string
	before := w.worth(m, to, w.records)
	changed := h.Apply(w.records)
	a, _ := m.Plan(to, changed, w.asOf)
	if a.Applied != h.Applied || a.Transferable != h.Transferable {
		problems = append(problems, fmt.Sprintf("the plan is worth %s and %s", a.Applied, a.Transferable))
	}
	if h.MoreApplied != a.Applied-before.applied || h.MoreTransferable != a.Transferable-before.transferable ||
		!(worth{a.Applied, a.Transferable}).gains(before) {
		problems = append(problems, fmt.Sprintf("it was worth %v", before))
	}
	opened := func(it transfer.Item) bool { return it.Rule == h.Rule && reflect.DeepEqual(it.Via, h.Via) }
	if !slices.ContainsFunc(a.Items, opened) {
		problems = append(problems, "its equivalence is not in the plan")
	}
	for i, c := range h.Changes {
		problems = append(problems, w.judgeChange(m, to, h, i, &c)...)
	}
	return problems
}

// judgeChange wants a change that is real, and needed as far as it goes: with a
// little less of it, and with none of it, there is less to gain.
func (w *world) judgeChange(m *transfer.Map, to transfer.ProgrammeKey, h *transfer.Help, i int, c *transfer.Improvement) []string {
	var problems []string
	if c.Result.Completed != w.asOf || !c.Result.Passed || c.Result.Score < c.Needed || c.Result.CourseKey != c.CourseKey {
		problems = append(problems, fmt.Sprintf("change %+v", *c))
	}
	if c.Record >= 0 && (w.records[c.Record].CourseKey != c.CourseKey || w.records[c.Record].Score != c.Had || c.Result.Score < c.Had || w.records[c.Record].Used != "") {
		problems = append(problems, fmt.Sprintf("change %+v of %+v", *c, w.records[c.Record]))
	}
	gained := worth{h.Applied, h.Transferable}
	fewer := *h
	fewer.Changes = slices.Delete(slices.Clone(h.Changes), i, i+1)
	if !gained.gains(w.worth(m, to, fewer.Apply(w.records))) {
		problems = append(problems, fmt.Sprintf("change %d is not needed", i))
	}
	return problems
}

// None that is told asks for more than another that gains as much.
func TestHelpIsNotDominated(t *testing.T) {
	inShards(t, 1_500, func(t *testing.T, seed uint64) {
		w := randomWorld(seed)
		m := transfer.Compile(w.facts)
		for _, p := range w.facts.Programmes {
			list, _ := m.Helps(p.ProgrammeKey, w.records, w.asOf)
			for i, h := range list {
				for j, o := range list {
					if i != j && smaller(&o, &h) && !(worth{h.Applied, h.Transferable}).gains(worth{o.Applied, o.Transferable}) {
						t.Errorf("seed %d, %v: %+v is dominated by %+v", seed, p.ProgrammeKey, h, o)
					}
				}
				if i > 0 && (worth{h.Applied, h.Transferable}).gains(worth{list[i-1].Applied, list[i-1].Transferable}) {
					t.Errorf("seed %d, %v: %d gains more than the one before", seed, p.ProgrammeKey, i)
				}
			}
		}
	})
}

// smaller says whether all that one change does the other does too, and no less of it.
func smaller(a, b *transfer.Help) bool {
	for _, c := range a.Changes {
		if !slices.ContainsFunc(b.Changes, func(o transfer.Improvement) bool {
			return o.Record == c.Record && o.CourseKey == c.CourseKey && c.Result.Score <= o.Result.Score
		}) {
			return false
		}
	}
	return true
}

// Every better grade in one course that would gain is found, in one that takes no
// more points: tried are all results with all grades that a rule or policy speaks of.
func TestHelpMissesNoGrade(t *testing.T) {
	found := 0
	for seed := range uint64(1_500) {
		w := randomWorld(seed)
		m := transfer.Compile(w.facts)
		for _, p := range w.facts.Programmes {
			list, _ := m.Helps(p.ProgrammeKey, w.records, w.asOf)
			before := w.worth(m, p.ProgrammeKey, w.records)
			for i := range w.records {
				if w.attempts(i) > 1 {
					continue // another grade may decide which of them a rule takes, and each may have credits of its own
				}
				for _, score := range w.bands() {
					changed := w.retaken(i, score)
					if changed == nil {
						continue
					}
					after := w.worth(m, p.ProgrammeKey, changed)
					// A result of another day may be of another version of its course, with other
					// hours and another level: that is no matter of its grade.
					if again := w.retaken(i, w.records[i].Score); !after.gains(before) || (w.records[i].Passed && !after.gains(w.worth(m, p.ProgrammeKey, again))) {
						continue
					}
					found++
					if !slices.ContainsFunc(list, func(h transfer.Help) bool { return w.serves(&h, i, score, after) }) {
						t.Errorf("seed %d, %v: result %d %+v with %s gives %v instead of %v; told %+v", seed, p.ProgrammeKey, i, w.records[i], score, after, before, list)
					}
				}
			}
		}
	}
	if found < 400 {
		t.Errorf("%d grades gain", found)
	}
}

// attempts counts the results in the course of one.
func (w *world) attempts(i int) int {
	n := 0
	for _, r := range w.records {
		if r.CourseKey == w.records[i].CourseKey {
			n++
		}
	}
	return n
}

// bands are the scores that rules and policies speak of, and that of a pass.
func (w *world) bands() []credit.Score {
	list := []credit.Score{6000}
	for _, r := range w.facts.Rules {
		for _, s := range r.Sources {
			list = append(list, s.Min, s.Max)
		}
	}
	for _, p := range w.facts.Policies {
		list = append(list, p.MinGrade)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// retaken are the results with one that is better and of the day of the question;
// nil when it would not be better.
func (w *world) retaken(i int, score credit.Score) []transfer.Record {
	if w.records[i].Used != "" || score < w.records[i].Score {
		return nil
	}
	changed := slices.Clone(w.records)
	r := &changed[i]
	r.Score, r.Passed, r.Completed = score, r.Passed || score >= 6000, w.asOf
	return changed
}

// serves says whether a help asks for no more than that and gives no less.
func (w *world) serves(h *transfer.Help, i int, score credit.Score, after worth) bool {
	c := h.Changes[0]
	return len(h.Changes) == 1 && c.CourseKey == w.records[i].CourseKey && c.Result.Score <= score &&
		!after.gains(worth{h.Applied, h.Transferable})
}

// The order of rows decides nothing.
func TestHelpInAnyOrder(t *testing.T) {
	inShards(t, 1_500, func(t *testing.T, seed uint64) {
		w := randomWorld(seed)
		s, _ := w.shuffled(rand.New(rand.NewPCG(seed, 12)))
		m, ms := transfer.Compile(w.facts), transfer.Compile(s.facts)
		for _, p := range w.facts.Programmes {
			want, _ := m.Help(p.ProgrammeKey, w.records, w.asOf)
			got, _ := ms.Help(p.ProgrammeKey, s.records, s.asOf)
			if got, want := s.helpStory(got), w.helpStory(want); got != want {
				t.Errorf("seed %d, %v:\n got %s\nwant %s", seed, p.ProgrammeKey, got, want)
			}
		}
	})
}

// helpStory tells what would help by the content of the results.
func (w *world) helpStory(list []transfer.Help) string {
	var told []string
	for _, h := range list {
		for i := range h.Changes {
			c := &h.Changes[i]
			if c.Record >= 0 {
				told = append(told, fmt.Sprintf("of %+v", w.records[c.Record]))
				c.Record = 0
			}
		}
		told = append(told, fmt.Sprintf("%+v", h))
	}
	return strings.Join(told, "\n")
}

func BenchmarkHelp(b *testing.B) {
	w := mediumWorld(1)
	m := transfer.Compile(w.facts)
	n := 0
	for b.Loop() {
		m.Help(w.facts.Programmes[n%len(w.facts.Programmes)].ProgrammeKey, w.records, w.asOf)
		n++
	}
}

func BenchmarkHelpHard(b *testing.B) {
	w := hardWorld(3)
	m := transfer.Compile(w.facts)
	for b.Loop() {
		m.Help(w.facts.Programmes[0].ProgrammeKey, w.records, w.asOf)
	}
}
