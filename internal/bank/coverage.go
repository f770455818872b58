package bank

import (
	"context"
	"database/sql"
	"slices"
	"sync"
	"time"

	"creditbank/internal/transfer"
)

// Coverage says how well the map serves the learners there are: for pairs of schools,
// by class of specialties, how many of the courses that the one teaches are evaluated
// by the other.
type Coverage struct {
	Classes []int          // of the columns: numbers of classes from 1 as in 61, 41 and 21 of the catalogues; 0: programmes of none
	Pairs   []CoveragePair // those in which most learners are not served first
	Total   int            // pairs in which learners could go on
}

// CoveragePair is what one school evaluates of another.
type CoveragePair struct {
	From, To string
	Cells    []CoverageCell // by class as in Coverage; without learners where the schools do not share it
	Unserved int            // learners × courses that are not evaluated, as learners
}

// CoverageCell is a class of specialties between two schools.
type CoverageCell struct {
	Learners  int // of the sending school in programmes of the class
	Courses   int // of those programmes
	Evaluated int // of these courses, by the receiving school, whatever it decided
}

// Share is how much is evaluated, in hundredths.
func (c CoverageCell) Share() int {
	if c.Courses == 0 {
		return 0
	}
	return 100 * c.Evaluated / c.Courses
}

// Unserved are the learners times the share that is not evaluated.
func (c CoverageCell) Unserved() int {
	if c.Courses == 0 {
		return 0
	}
	return c.Learners * (c.Courses - c.Evaluated) / c.Courses
}

// CoverageFilter narrows the pairs; empty fields do not.
type CoverageFilter struct {
	Institution string // on one of the sides; of a school always its own
	NoRules     bool   // pairs with learners of which nothing is evaluated
}

// classCount are the classes of the vocational catalogues, and 0 for none.
const classCount = vocationalClasses + 1

// Coverage works out the pairs of schools between which learners could go on: of a
// class that both teach, up or on one level. Administrators and auditors see all,
// registrars and deciders the pairs of their school; at most most of them. It promises
// Denied.
func (b *Bank) Coverage(ctx context.Context, actor Actor, f CoverageFilter, most int) (Coverage, error) {
	const whole = IsAdministrator | IsAuditor | IsOperator
	if err := actor.need(whole | IsRegistrar | IsDecider); err != nil {
		return Coverage{}, err
	}
	if !actor.Is(whole) {
		f.Institution = actor.Institution
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return Coverage{}, err
	}
	learners, err := b.learnersByClass(ctx, s)
	if err != nil {
		return Coverage{}, err
	}
	today := b.Today()
	c := b.covers.of(s, today, func() *coverer { return newCoverer(s) })
	return c.coverage(learners, f, most), nil
}

// learnersFor is how long learners are not counted again, of whom there may be millions.
const learnersFor = time.Minute

// learnerCounts are the learners of each school by the classes of their programmes, as
// they were counted last.
type learnerCounts struct {
	working sync.Mutex
	stamp   string // of the map
	at      time.Time
	counts  map[int32]*[classCount]int
}

// learnersByClass counts the learners of each school by the classes of their programmes;
// for a minute the same counts serve. Who asks while they are counted waits for it.
func (b *Bank) learnersByClass(ctx context.Context, s *Snapshot) (map[int32]*[classCount]int, error) {
	k, now := &b.learners, b.Now()
	k.working.Lock()
	defer k.working.Unlock()
	if k.stamp == s.Stamp && !now.Before(k.at) && now.Sub(k.at) < learnersFor {
		return k.counts, nil
	}
	counts, err := b.countLearners(ctx, s)
	if err == nil {
		k.stamp, k.at, k.counts = s.Stamp, now, counts
	}
	return counts, err
}

func (b *Bank) countLearners(ctx context.Context, s *Snapshot) (map[int32]*[classCount]int, error) {
	counts := map[int32]*[classCount]int{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var key transfer.ProgrammeKey
		var count int
		if err := rows.Scan(&key.Institution, &key.Code, &count); err != nil {
			return err
		}
		p, known := s.Map.ProgrammeNumber(key)
		if !known {
			return nil
		}
		at := s.Map.ProgrammeInstitution(p)
		if counts[at] == nil {
			counts[at] = &[classCount]int{}
		}
		for _, class := range classNumbers(specialtiesOf(s.texts.At(s.programmes[p].catalogue))) {
			counts[at][class] += count
		}
		return nil
	}, `SELECT institution, programme, count(*) FROM learner WHERE institution IS NOT NULL AND programme IS NOT NULL GROUP BY institution, programme`)
	return counts, err
}

// classNumbers are the classes of a set from 1; of an empty one the number 0.
func classNumbers(set specialties) []int {
	if set == 0 {
		return []int{0}
	}
	var list []int
	for n := range vocationalClasses {
		if set&(1<<n) != 0 {
			list = append(list, n+1)
		}
	}
	return list
}

// dropEmpty leaves out the classes of which no pair has learners.
func (c *Coverage) dropEmpty() {
	for class := range classCount {
		if slices.ContainsFunc(c.Pairs, func(p CoveragePair) bool { return p.Cells[class].Learners > 0 }) {
			c.Classes = append(c.Classes, class)
		}
	}
	for i := range c.Pairs {
		cells := make([]CoverageCell, len(c.Classes))
		for j, class := range c.Classes {
			cells[j] = c.Pairs[i].Cells[class]
		}
		c.Pairs[i].Cells = cells
	}
}
