package bench

import (
	"math/rand/v2"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// Density says how many rules ask for one course that is asked for at all.
type Density int

// The densities: a few courses that everybody takes are asked for by thousands
// of rules in a nation, a course of one school's own by a handful.
const (
	Sparse Density = 20
	Medium Density = 200
	Dense  Density = 1000
)

// Shape says what a country is made of. The same shape gives the same country.
type Shape struct {
	Seed       uint64
	Programmes int
	Rules      int
	Density    Density
}

// AsOf is the day of every question about a generated country.
func AsOf() calendar.Day { return calendar.Date(2026, 9, 1) }

const (
	programmesEach = 40  // programmes of a receiving institution
	poolEach       = 300 // courses of a receiving institution, shared by its programmes
	planEach       = 40  // courses of a programme's plan
	senderCourses  = 50  // asked courses of a sending institution
	unaskedCourses = 6   // and those that no rule is about
	recordsEach    = 60  // records of a learner
	rulesPerUnit   = 2000
)

// Country is a generated country: everything of it is computed from the shape
// and a number, so that the parts that are not needed are never made.
type Country struct {
	Shape
	receivers, senders, examiners, units, asked int
}

// NewCountry settles how many institutions and courses the shape comes to.
func NewCountry(s Shape) *Country {
	c := &Country{Shape: s}
	c.receivers = max(1, (s.Programmes+programmesEach-1)/programmesEach)
	c.asked = max(40, s.Rules/int(s.Density))
	c.senders = max(3, (c.asked+senderCourses-1)/senderCourses)
	c.examiners = max(2, c.senders/10)
	c.units = max(2, s.Rules/rulesPerUnit)
	return c
}

// Facts is the whole country as the engine is told about it.
func (c *Country) Facts() transfer.Facts {
	f := transfer.Facts{Institutions: c.institutions(), Policies: c.policies(), Caps: c.caps()}
	c.eachCourse(func(v transfer.Course) { f.Courses = append(f.Courses, v) })
	f.Programmes = make([]transfer.Programme, c.Programmes)
	for n := range f.Programmes {
		f.Programmes[n] = c.programme(n)
	}
	f.Rules = make([]transfer.Rule, c.Rules)
	for n := range f.Rules {
		f.Rules[n] = c.rule(n)
	}
	return f
}

// subject keeps the dice of different things apart.
type subject uint64

const (
	aboutInstitution subject = iota + 1
	aboutCourse
	aboutProgramme
	aboutRule
	aboutFlip
	aboutCap
	aboutLearner
	aboutInstance
)

// dice throw for one thing alone: what it is like does not depend on which other
// things were made before it.
type dice struct{ *rand.Rand }

func (c *Country) dice(about subject, n int) dice { return throw(c.Seed, about, n) }

func throw(seed uint64, about subject, n int) dice {
	return dice{rand.New(rand.NewPCG(seed<<8|uint64(about), uint64(n)))}
}

// one is true in so many of a thousand cases.
func (d dice) one(permille int) bool { return d.IntN(1000) < permille }

func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

// choice is a weighted pick: the first whose weight is not used up.
type choice[T any] struct {
	permille int
	value    T
}

func weighted[T any](d dice, otherwise T, list ...choice[T]) T {
	left := d.IntN(1000)
	for _, c := range list {
		if left -= c.permille; left < 0 {
			return c.value
		}
	}
	return otherwise
}
