package transfer

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"creditbank/internal/credit"
)

// smallModel is a choice among few items with rows of every kind: some of which one item
// at most may use, caps, groups and, where the goal is what is transferable, what must be applied.
type smallModel struct {
	*rand.Rand
	model
	values []int64
}

func newSmallModel(seed uint64) *smallModel {
	s := &smallModel{Rand: rand.New(rand.NewPCG(seed, 17))}
	s.model = model{memory: &memory{}, unit: 1}
	for range 10 {
		value := 1 + s.IntN(9)
		s.items, s.columns, s.values = append(s.items, &item{total: credit.Amount(value)}), append(s.columns, column{upper: 1}), append(s.values, int64(value))
	}
	for range 4 + s.IntN(5) {
		s.fill(s.addRow(1), 3, func(int) int64 { return 1 })
	}
	for range s.IntN(3) {
		s.fill(s.addRow(int64(4+s.IntN(14))), 2, func(j int) int64 { return s.values[j] })
	}
	s.hard = len(s.limits)
	s.addSmallGroups()
	s.own = len(s.limits)
	return s
}

// fill puts about one item in some into a row.
func (s *smallModel) fill(row, some int, by func(j int) int64) {
	for j := range s.items {
		if s.IntN(some) == 0 {
			s.add(j, row, by(j))
		}
	}
}

// addSmallGroups adds two groups, and either makes what is applied the goal or asks for
// some of it.
func (s *smallModel) addSmallGroups() {
	applied := s.IntN(2) == 0
	for range 2 {
		row := s.addRow(0)
		s.fill(row, 2, func(j int) int64 { return -s.values[j] })
		s.columns = append(s.columns, column{upper: int64(3 + s.IntN(12))})
		s.values = append(s.values, int64(bit(applied)))
		s.add(len(s.columns)-1, row, 1)
		s.groups = append(s.groups, len(s.groups))
	}
	if applied {
		clear(s.values[:len(s.items)])
		return
	}
	row := s.addRow(-int64(s.IntN(12)))
	for j := len(s.items); j < len(s.columns); j++ {
		s.add(j, row, -1)
	}
}

// comesTo is what a choice is worth, false where it breaks a row. It looks through what is applied
// in both groups, which no search of ours does.
func (s *smallModel) comesTo(choice uint) (best int64, possible bool) {
	sums, value := make([]int64, len(s.limits)), int64(0)
	take := func(j int, by int64) {
		value += s.values[j] * by
		for _, t := range s.columns[j].terms {
			sums[t.row] += t.factor * by
		}
	}
	for j := range s.items {
		take(j, int64(choice>>j&1))
	}
	g := len(s.items)
	for a := range s.columns[g].upper + 1 {
		for b := range s.columns[g+1].upper + 1 {
			take(g, a)
			take(g+1, b)
			holds := true
			for i, limit := range s.limits {
				holds = holds && sums[i] <= limit
			}
			if holds {
				best, possible = max(best, value), true
			}
			take(g, -a)
			take(g+1, -b)
		}
	}
	return best, possible
}

// searchByPrices is the best that a search by prices finds after one relaxation, with what
// it finds above least, and whether it came to its end.
func (s *smallModel) searchByPrices(least int64) (best int64, done bool, err error) {
	b := newBranching(&s.model, s.values, least, workNumbers)
	b.numbers = true
	b.judge = func(b *branching, order []int, _ int) {
		choice := uint(0)
		for _, j := range order {
			choice |= 1 << j
		}
		value, possible := s.comesTo(choice)
		if !possible || value <= b.least {
			err = fmt.Errorf("a choice worth %d (possible: %v) is told as more than %d", value, possible, b.least)
		}
		b.least = max(b.least, value)
	}
	in := make([]bool, len(s.columns))
	for j := range in {
		in[j] = true
	}
	b.relaxed = newRelaxation(&s.model, s.values, b.at, in, true)
	limit, reduced, closed := b.bound()
	if closed {
		return b.least, true, nil
	}
	b.limit = b.reach(limit)
	b.tighten(limit, reduced)
	done = b.byPrices(limit, reduced, priceWork)
	return b.least, done, err
}

// Whatever a search by prices leaves out is worth no more than what it has found, and what
// it tells is a choice and worth more than what was known.
func TestSearchByPricesEqualsAllChoices(t *testing.T) {
	came := 0
	for seed := range uint64(400) {
		s := newSmallModel(seed)
		best, any := int64(0), false
		for choice := range uint(1) << len(s.items) {
			if value, possible := s.comesTo(choice); possible {
				best, any = max(best, value), true
			}
		}
		least := int64(-1)
		if seed%2 == 0 {
			least = max(best-1-int64(seed%5), -1)
		}
		found, done, err := s.searchByPrices(least)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		want := best
		if !any {
			want = least
		}
		if done {
			came++
			if found != want {
				t.Errorf("seed %d: found %d, the best is %d", seed, found, want)
			}
		}
	}
	if came < 350 {
		t.Errorf("only %d searches came to their end", came)
	}
}

// Where the cap on all credits is short it is filled first with what is applied.
func TestShortCapIsNotWastedOnWhatIsNotApplied(t *testing.T) {
	awarded := func(record int, total credit.Amount, groups ...groupCredits) *item {
		return &item{trial: &trial{offer: offer{rule: &rule{n: int32(record)}}}, records: []int{record}, total: total, byGroup: groups, uses: []capUse{{0, total}}}
	}
	items := []*item{awarded(0, 600), awarded(1, 500, groupCredits{0, 500}), awarded(2, 100, groupCredits{0, 100})}
	x := newExchange(items, []credit.Amount{550}, []credit.Amount{600}, 0, worth{}, &memory{})
	x.sparing = true
	x.fill()
	if x.now.applied != 550 || x.now.transferable != 600 {
		t.Errorf("%s applied of %s", x.now.applied, x.now.transferable)
	}
}
