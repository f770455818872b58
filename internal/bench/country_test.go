package bench

import (
	"reflect"
	"testing"

	"creditbank/internal/code"
	"creditbank/internal/transfer"
)

var small = Shape{Seed: 7, Programmes: 80, Rules: 4_000, Density: Medium}

func TestCountryIsDeterministic(t *testing.T) {
	a, b := NewCountry(small), NewCountry(small)
	if !reflect.DeepEqual(a.Facts(), b.Facts()) || !reflect.DeepEqual(a.Learner(3), b.Learner(3)) {
		t.Error("one shape gave two countries")
	}
	other := small
	other.Seed++
	if reflect.DeepEqual(a.rule(5), NewCountry(other).rule(5)) {
		t.Error("two seeds gave one rule")
	}
	if !reflect.DeepEqual(a.rule(1234), b.Facts().Rules[1234]) {
		t.Error("a rule depends on what was made before it")
	}
}

func TestCountryCompilesWithoutFaults(t *testing.T) {
	for _, density := range []Density{Sparse, Medium, Dense} {
		shape := small
		shape.Density = density
		f := NewCountry(shape).Facts()
		m := transfer.Compile(f)
		if len(m.Faults()) > 0 || m.Size() != shape.Rules {
			t.Errorf("density %d: %d of %d rules served, faults %v", density, m.Size(), shape.Rules, m.Faults()[:min(3, len(m.Faults()))])
		}
		if len(f.Programmes) != shape.Programmes {
			t.Errorf("density %d: %d programmes", density, len(f.Programmes))
		}
	}
}

// The country has the shape of real sets of rules.
func TestCountryHasItsShape(t *testing.T) {
	f := NewCountry(Shape{Seed: 1, Programmes: 400, Rules: 40_000, Density: Medium}).Facts()
	count := map[string]int{}
	asked := map[transfer.CourseKey]bool{}
	for _, r := range f.Rules {
		count[string(r.Outcome)]++
		if len(r.Sources) == 1 && len(r.Targets) == 1 {
			count["one to one"]++
		}
		if r.Programme != "" {
			count["scoped"]++
		}
		if r.Version > 1 {
			count["later version"]++
		}
		if t := r.Targets[0]; t.Course == "" {
			count["unassigned"]++
		} else if t.Exemption {
			count["exemption"]++
		}
		for _, s := range r.Sources {
			asked[s.CourseKey] = true
		}
	}
	for what, share := range map[string][2]int{"one to one": {985, 995}, "scoped": {260, 340}, "refused": {20, 70}, "pending": {5, 20},
		"later version": {30, 60}, "unassigned": {30, 70}, "exemption": {10, 30}} {
		if got := count[what] * 1000 / len(f.Rules); got < share[0] || got > share[1] {
			t.Errorf("%s: %d per mille, want %d to %d", what, got, share[0], share[1])
		}
	}
	if each := len(f.Rules) / len(asked); each < 150 || each > 220 {
		t.Errorf("%d rules ask for a course, want about %d", each, Medium)
	}
}

func TestCodesAreWellFormed(t *testing.T) {
	for _, in := range NewCountry(small).institutions() {
		_, school := code.ParseSchool(in.Code)
		_, other := code.ParseUSCC(in.Code)
		if school != nil && other != nil {
			t.Errorf("%s %s: %v, %v", in.Kind, in.Code, school, other)
		}
	}
}

func TestLearnersHaveTheirRecords(t *testing.T) {
	c := NewCountry(small)
	known := map[transfer.CourseKey]bool{}
	c.eachCourse(func(v transfer.Course) { known[v.CourseKey] = true })
	for n := range 40 {
		records := c.Learner(n)
		if len(records) != recordsEach {
			t.Errorf("learner %d has %d records", n, len(records))
		}
		for _, r := range records {
			if !known[r.CourseKey] {
				t.Errorf("learner %d: there is no course %v", n, r.CourseKey)
			}
		}
	}
}
