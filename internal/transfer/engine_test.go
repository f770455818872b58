package transfer_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/transfer"
	"creditbank/internal/transfer/oracle"
)

// randomWorlds is in how many random worlds the engine is held against the
// exhaustive search; each is asked about all its programmes, which makes the
// number of cases that randomCases demands.
const (
	randomWorlds = 50_000
	randomCases  = 100_000
)

// inShards runs check on every seed, in subtests that run side by side.
func inShards(t *testing.T, cases int, check func(t *testing.T, seed uint64)) {
	t.Helper()
	const shards = 4
	for s := range shards {
		t.Run(fmt.Sprint("shard", s), func(t *testing.T) {
			t.Parallel()
			for seed := s; seed < cases && !t.Failed(); seed += shards {
				check(t, uint64(seed))
			}
		})
	}
}

// What the engine answers is what trying every plan finds, and each reason is true.
func TestPlanIsTheBestOfAll(t *testing.T) {
	var cases atomic.Int64
	t.Cleanup(func() {
		if n := cases.Load(); n < randomCases && !t.Failed() {
			t.Errorf("only %d cases", n)
		}
	})
	inShards(t, randomWorlds, func(t *testing.T, seed uint64) {
		w := randomWorld(seed)
		cases.Add(int64(len(w.facts.Programmes)))
		m := transfer.Compile(w.facts)
		if len(m.Faults()) > 0 {
			t.Fatalf("seed %d: faults %v", seed, m.Faults())
		}
		for n := range w.facts.Programmes {
			for _, problem := range w.judge(m, n) {
				t.Errorf("seed %d, programme %d: %s", seed, n, problem)
			}
		}
	})
}

// judge holds the answer for one programme against the oracle.
func (w *world) judge(m *transfer.Map, programme int) []string {
	key := w.facts.Programmes[programme].ProgrammeKey
	a, known := m.Plan(key, w.records, w.asOf)
	if !known {
		return []string{"the programme is not known"}
	}
	o, records := w.oracleWorld(), w.oracleRecords()
	best := oracle.Best(o, programme, records, int(w.asOf))
	var problems []string
	if got, want := sums(&a), want(&best); got != want {
		problems = append(problems, fmt.Sprintf("got %s, want %s of %v", got, want, best.Sets))
	}
	relaxed := m.PlanByRelaxation(key, w.records, w.asOf)
	if got, want := sums(&relaxed), want(&best); got != want || !relaxed.Optimal {
		problems = append(problems, fmt.Sprintf("by relaxation got %s, want %s of %v", got, want, best.Sets))
	}
	numbers := m.PlanWithin(key, w.records, w.asOf, 1_000_000)
	if !numbers.Optimal || numbers.Applied != a.Applied || numbers.Transferable != a.Transferable {
		problems = append(problems, fmt.Sprintf("the numbers alone are %s and %s, want %s and %s", numbers.Applied, numbers.Transferable, a.Applied, a.Transferable))
	}
	if !a.Optimal || a.BoundApplied != a.Applied || a.BoundTotal != a.Transferable {
		problems = append(problems, fmt.Sprintf("optimal %v, bounds %s and %s", a.Optimal, a.BoundApplied, a.BoundTotal))
	}
	var plan []oracle.Chosen
	for _, it := range a.Items {
		plan = append(plan, chosen(it))
	}
	if err := oracle.Check(o, programme, records, int(w.asOf), plan); err != nil {
		problems = append(problems, err.Error())
	}
	problems = append(problems, groupsAddUp(&a)...)
	return append(problems, w.judgeReasons(&a, programme, plan)...)
}

func sums(a *transfer.Answer) string {
	exemptions, records := 0, 0
	for _, it := range a.Items {
		records += len(it.Records)
		for _, award := range it.Awards {
			if award.Exemption {
				exemptions++
			}
		}
	}
	return fmt.Sprintf("applied %d, transferable %d, earned %d, %d exemptions, %d records",
		a.Applied, a.Transferable, a.Earned, exemptions, records)
}

func want(b *oracle.Answer) string {
	return fmt.Sprintf("applied %d, transferable %d, earned %d, %d exemptions, %d records",
		b.Applied, b.Transferable, b.Earned, b.Exemptions, b.Records)
}

// groupsAddUp says where the numbers of an answer contradict each other.
func groupsAddUp(a *transfer.Answer) []string {
	var problems []string
	var applied, transferable, earned credit.Amount
	awarded := map[string]credit.Amount{}
	for _, it := range a.Items {
		var sum credit.Amount
		for _, award := range it.Awards {
			sum += award.Credits
			awarded[award.Group] += award.Credits
		}
		if sum != it.Credits {
			problems = append(problems, fmt.Sprintf("%v: awards of %s, item of %s", it.Rule, sum, it.Credits))
		}
		transferable += sum
	}
	for _, g := range a.Groups {
		need := max(0, g.Min-g.Earned)
		if g.Applied != min(need, awarded[g.Code]) || g.Missing != need-g.Applied {
			problems = append(problems, fmt.Sprintf("group %+v with %s awarded", g, awarded[g.Code]))
		}
		applied += g.Applied
		earned += g.Earned
	}
	if applied != a.Applied || transferable != a.Transferable || earned != a.Earned || a.Missing != max(0, a.Required-a.Earned-a.Applied) {
		problems = append(problems, fmt.Sprintf("groups applied %s, transferable %s, earned %s in %+v", applied, transferable, earned, *a))
	}
	return problems
}

// shuffled is the same world with every list in another order; the second value
// is the place from which each record came.
func (w *world) shuffled(d *rand.Rand) (world, []int) {
	s := world{asOf: w.asOf}
	s.facts.Institutions = shuffle(d, w.facts.Institutions)
	s.facts.Courses = shuffle(d, w.facts.Courses)
	s.facts.Policies = shuffle(d, w.facts.Policies)
	s.facts.Caps = shuffle(d, w.facts.Caps)
	s.facts.Programmes = shuffle(d, w.facts.Programmes)
	s.facts.Rules = shuffle(d, w.facts.Rules)
	for i := range s.facts.Rules {
		r := &s.facts.Rules[i]
		r.Sources, r.Targets = shuffle(d, r.Sources), shuffle(d, r.Targets)
	}
	for i := range s.facts.Programmes {
		s.facts.Programmes[i].Plan = shuffle(d, s.facts.Programmes[i].Plan)
	}
	from := d.Perm(len(w.records))
	for _, i := range from {
		s.records = append(s.records, w.records[i])
	}
	return s, from
}

func shuffle[T any](d *rand.Rand, list []T) []T {
	list = slices.Clone(list)
	d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// The order of rows decides nothing, among equal plans neither.
func TestOrderOfRowsDecidesNothing(t *testing.T) {
	inShards(t, 4_000, func(t *testing.T, seed uint64) {
		w := randomWorld(seed)
		s, from := w.shuffled(rand.New(rand.NewPCG(seed, 11)))
		m, ms := transfer.Compile(w.facts), transfer.Compile(s.facts)
		if got, want := ms.Rank(s.ask(0)).Standings, m.Rank(w.ask(0)).Standings; !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: ranking %v, want %v", seed, got, want)
		}
		for _, p := range w.facts.Programmes {
			want, _ := m.Plan(p.ProgrammeKey, w.records, w.asOf)
			got, _ := ms.Plan(p.ProgrammeKey, s.records, s.asOf)
			if got, want := w.story(&got, from), w.story(&want, nil); got != want {
				t.Errorf("seed %d, %v:\n got %s\nwant %s", seed, p.ProgrammeKey, got, want)
			}
		}
	})
}

// story tells an answer so that equal records cannot be told apart: by their
// content, in the order of the content.
func (w *world) story(a *transfer.Answer, from []int) string {
	place := func(i int) int {
		if from != nil {
			i = from[i]
		}
		return slices.Index(w.records, w.records[i])
	}
	var items, records []string
	for _, it := range a.Items {
		it.Records = slices.Clone(it.Records)
		for i, r := range it.Records {
			it.Records[i] = place(r)
		}
		slices.Sort(it.Records)
		items = append(items, fmt.Sprintf("%+v", it))
	}
	for i, r := range a.Records {
		for j := range r.Reasons {
			if c := r.Reasons[j].Cap; c != nil {
				r.Reasons[j].Note, r.Reasons[j].Cap = fmt.Sprintf("%+v", *c), nil
			}
			if m := r.Reasons[j].Missing; m != nil {
				r.Reasons[j].Note, r.Reasons[j].Missing = toldMissing(m), nil
			}
		}
		records = append(records, fmt.Sprintf("%02d %+v", place(i), r))
	}
	var left []string
	for _, n := range a.NotChosen {
		if c := n.Reason.Cap; c != nil {
			n.Reason.Note, n.Reason.Cap = fmt.Sprintf("%+v", *c), nil
		}
		left = append(left, fmt.Sprintf("%+v", n))
	}
	slices.Sort(items)
	slices.Sort(records)
	return sums(a) + "\n" + strings.Join(slices.Concat(items, records, left), "\n")
}

// ask asks about all programmes.
func (w *world) ask(top int) transfer.Ask {
	return transfer.Ask{Records: w.records, AsOf: w.asOf, Top: top}
}

// A ranking is what the best plan of every programme gives, in the order of the rule.
func TestRankIsPlanOfAll(t *testing.T) {
	inShards(t, 3_000, func(t *testing.T, seed uint64) {
		w := randomWorld(seed)
		m := transfer.Compile(w.facts)
		var want []transfer.Standing
		for _, p := range w.facts.Programmes {
			a, _ := m.Plan(p.ProgrammeKey, w.records, w.asOf)
			want = append(want, transfer.Standing{Programme: p.ProgrammeKey, Required: a.Required, Applied: a.Applied,
				Transferable: a.Transferable, Optimal: a.Optimal})
		}
		slices.SortFunc(want, byWorth)
		for top := range len(want) + 1 {
			first := want
			if top > 0 {
				first = want[:top]
			}
			if got := m.Rank(w.ask(top)); !reflect.DeepEqual(got.Standings, first) || got.Programmes != len(want) {
				t.Errorf("seed %d, top %d: got %v, want %v", seed, top, got, first)
			}
		}
	})
}

// byWorth is the order of engine.md: applied, applied ÷ required, transferable, code.
func byWorth(a, b transfer.Standing) int {
	share := func(s transfer.Standing) credit.Amount {
		if s.Required == 0 {
			return -1
		}
		return s.Applied * 1_000_000 / s.Required
	}
	return cmp.Or(cmp.Compare(b.Applied, a.Applied), cmp.Compare(share(b), share(a)), cmp.Compare(b.Transferable, a.Transferable),
		cmp.Compare(a.Programme.Code, b.Programme.Code), cmp.Compare(a.Programme.Institution, b.Programme.Institution))
}

// A result in a further course, of another school, never costs applied credits.
func TestOneMoreRecordNeverCosts(t *testing.T) {
	inShards(t, 3_000, func(t *testing.T, seed uint64) {
		w := randomWorld(seed)
		m := transfer.Compile(w.facts)
		last := w.records[len(w.records)-1]
		same := func(r transfer.Record) bool { return r.CourseKey == last.CourseKey }
		fewer := w.records[:len(w.records)-1]
		if slices.ContainsFunc(fewer, same) || last.Institution == home {
			return
		}
		for _, p := range w.facts.Programmes {
			before, _ := m.Plan(p.ProgrammeKey, fewer, w.asOf)
			after, _ := m.Plan(p.ProgrammeKey, w.records, w.asOf)
			if after.Applied < before.Applied {
				t.Errorf("seed %d, %v: %s with %v, %s without", seed, p.ProgrammeKey, after.Applied, last, before.Applied)
			}
		}
	})
}

// The random worlds reach everything they are there for.
func TestRandomWorldsReachEverything(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(3_000) {
		w := randomWorld(seed)
		a, _ := transfer.Compile(w.facts).Plan(w.facts.Programmes[0].ProgrammeKey, w.records, w.asOf)
		for _, r := range a.Records {
			for _, reason := range r.Reasons {
				met[string(reason.Code)]++
			}
		}
		for _, n := range a.NotChosen {
			met["not chosen: "+string(n.Reason.Code)]++
		}
		for _, it := range a.Items {
			met["item"]++
			met[fmt.Sprint("item of ", len(it.Records), " records")]++
			if len(it.Via) > 0 {
				met[fmt.Sprint("item via ", len(it.Via))]++
			}
			if len(a.Items) > 1 && len(it.Awards) > 1 {
				met["item with several awards"]++
			}
		}
	}
	for code := range stateOf {
		if met[string(code)] < 20 {
			t.Errorf("reason %s was met %d times", code, met[string(code)])
		}
	}
	for _, what := range []string{"item of 2 records", "item of 3 records", "item via 1", "item via 2", "item with several awards",
		"not chosen: better_elsewhere", "not chosen: cap", "not chosen: never_exempt", "not chosen: no_gain"} {
		if met[what] < 5 {
			t.Errorf("%s was met %d times", what, met[what])
		}
	}
	t.Log(met)
}
