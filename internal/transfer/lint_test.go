package transfer_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// findings tells the findings of a class, or of all, each as "class E1 E2".
func (s *sketch) findings(class transfer.Class) []string {
	var list []string
	for _, f := range transfer.Compile(s.facts).Lint(s.asOf) {
		if class != "" && f.Class != class {
			continue
		}
		text := string(f.Class)
		for _, r := range f.Rules {
			text += " " + r.Code
		}
		list = append(list, text)
	}
	return list
}

// Each class of finding in the smallest map that has it, and beside it the nearest
// map that has not.
func TestLint(t *testing.T) {
	for _, c := range []struct {
		class transfer.Class
		name  string
		draw  func(s *sketch)
		want  string
	}{
		{transfer.LintDuplicate, "twice the same", func(s *sketch) { s.rule("E1", "S:A S:B", "T1 T2"); s.rule("E2", "S:B S:A", "T2 T1") }, "duplicate E1 E2"},
		{transfer.LintDuplicate, "one after the other", func(s *sketch) {
			s.rule("E1", "S:A", "T1").To = s.day("2025-12-31")
			s.rule("E2", "S:A", "T1").From = s.day("2026-01-01")
		}, ""},
		{transfer.LintDuplicate, "for two programmes", func(s *sketch) {
			s.rule("E1", "S:A", "T1").Programme = "P1"
			s.rule("E2", "S:A", "T1").Programme = "P2"
		}, ""},
		{transfer.LintAmbiguous, "two targets", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.rule("E2", "S:A", "T2") }, "ambiguous E1 E2"},
		{transfer.LintAmbiguous, "two values", func(s *sketch) { s.rule("E1", "S:A", "T1=2"); s.rule("E2", "S:A", "T1=3") }, "ambiguous E1 E2"},
		{transfer.LintAmbiguous, "bands apart", func(s *sketch) { s.rule("E1", "S:A<=74", "T1"); s.rule("E2", "S:A>=75", "T2") }, ""},
		{transfer.LintContradiction, "refused and given", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.rule("E2", "S:A", "T1").Outcome = transfer.Refused
		}, "contradiction E1 E2"},
		{transfer.LintContradiction, "refused above 75 only", func(s *sketch) {
			s.rule("E1", "S:A<=74", "T1")
			s.rule("E2", "S:A>=75", "").Outcome = transfer.Refused
		}, ""},
		{transfer.LintContradiction, "still to be decided", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.rule("E2", "S:A", "T1").Outcome = transfer.Pending
		}, ""},
		{transfer.LintBandOverlap, "75 to 80 in both", func(s *sketch) { s.rule("E1", "S:A<=80", "T1"); s.rule("E2", "S:A>=75", "T2") }, "band_overlap E1 E2"},
		{transfer.LintBandOverlap, "ends touch", func(s *sketch) { s.rule("E1", "S:A<=75", "T1"); s.rule("E2", "S:A>=75", "T2") }, "band_overlap E1 E2"},
		{transfer.LintBandGap, "70 to 80 in none", func(s *sketch) { s.rule("E1", "S:A>=60<=70", "T1"); s.rule("E2", "S:A>=80", "T2") }, "band_gap E1 E2"},
		{transfer.LintBandGap, "next whole point", func(s *sketch) { s.rule("E1", "S:A>=60<=79", "T1"); s.rule("E2", "S:A>=80", "T2") }, ""},
		{transfer.LintBandGap, "a wide band reaches over", func(s *sketch) {
			s.rule("E1", "S:A>=60<=95", "T1")
			s.rule("E2", "S:A>=65<=70", "T2")
			s.rule("E3", "S:A>=80", "T3")
		}, ""},
		{transfer.LintInactive, "source ended", func(s *sketch) {
			s.course("S:A").To = s.day("2025-06-30")
			s.rule("E1", "S:A", "T1")
		}, "course_inactive E1"},
		{transfer.LintInactive, "target ended", func(s *sketch) {
			s.course("H:T1").To = s.day("2025-06-30")
			s.rule("E1", "S:A", "T1")
		}, "course_inactive E1"},
		{transfer.LintInactive, "the rule ended with it", func(s *sketch) {
			s.course("S:A").To = s.day("2025-06-30")
			s.rule("E1", "S:A", "T1").To = s.day("2025-06-30")
		}, ""},
		{transfer.LintRecredited, "catalogue gives more now", func(s *sketch) {
			s.recredit("H:T1", "2026-01-01", 500)
			s.rule("E1", "S:A", "T1").From = s.day("2025-01-01")
		}, "course_recredited E1"},
		{transfer.LintRecredited, "fixed at the old value", func(s *sketch) {
			s.recredit("H:T1", "2026-01-01", 500)
			s.rule("E1", "S:A", "T1=4").From = s.day("2025-01-01")
		}, "course_recredited E1"},
		{transfer.LintRecredited, "fixed at the new value", func(s *sketch) {
			s.recredit("H:T1", "2026-01-01", 500)
			s.rule("E1", "S:A", "T1=5").From = s.day("2025-01-01")
		}, ""},
		{transfer.LintRecredited, "rule began after it", func(s *sketch) {
			s.recredit("H:T1", "2026-01-01", 500)
			s.rule("E1", "S:A", "T1").From = s.day("2026-02-01")
		}, ""},
		{transfer.LintAboveSource, "4 to 5", func(s *sketch) { s.rule("E1", "S:A", "T1=5") }, "credits_above_source E1"},
		{transfer.LintAboveSource, "4 to 5 with a reason", func(s *sketch) { s.rule("E1", "S:A", "T1=5").Note = "含实训" }, ""},
		{transfer.LintAboveSource, "8 to 8", func(s *sketch) { s.rule("E1", "S:A S:B", "T1 T2") }, ""},
		{transfer.LintLevelRise, "4 to 6 where 1 is allowed", func(s *sketch) { s.levels("S:A", 4, "H:T1", 6); s.rule("E1", "S:A", "T1") }, "level_rise E1"},
		{transfer.LintLevelRise, "with a bridge", func(s *sketch) {
			s.levels("S:A", 4, "H:T1", 6)
			s.course("X:W").Level = 5
			s.rule("E1", "S:A X:W", "T1")
		}, ""},
		{transfer.LintOutsideCourse, "rule begins before the course", func(s *sketch) {
			s.course("S:A").From = s.day("2025-01-01")
			s.rule("E1", "S:A", "T1").From = s.day("2024-01-01")
		}, "window_outside E1"},
		{transfer.LintOutsideCourse, "rule over before the course", func(s *sketch) {
			s.course("S:A").From = s.day("2025-01-01")
			s.rule("E1", "S:A", "T1").To = s.day("2024-01-01")
		}, "window_outside E1"},
		{transfer.LintOutsideCourse, "open rule", func(s *sketch) {
			s.course("S:A").From = s.day("2025-01-01")
			s.rule("E1", "S:A", "T1")
		}, ""},
		{transfer.LintDominated, "a second source for nothing", func(s *sketch) { s.rule("E1", "S:A S:B", "T1"); s.rule("E2", "S:A", "T1") }, "dominated E1 E2"},
		{transfer.LintDominated, "a narrower band for less", func(s *sketch) { s.rule("E1", "S:A>=80", "T1=3"); s.rule("E2", "S:A>=70", "T1") }, "dominated E1 E2"},
		{transfer.LintDominated, "more for more", func(s *sketch) { s.rule("E1", "S:A S:B", "T1 T2"); s.rule("E2", "S:A", "T1") }, ""},
		{transfer.LintDominated, "another window", func(s *sketch) {
			s.rule("E1", "S:A S:B", "T1")
			s.rule("E2", "S:A", "T1").To = s.day("2026-01-01")
		}, ""},
		{transfer.LintOverCap, "4 over 3", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.cap(transfer.CapTotal, "", 300) }, "over_cap E1"},
		{transfer.LintOverCap, "of its source", func(s *sketch) {
			s.rule("E1", "S:A X:W", "T1")
			s.cap(transfer.CapSourceInstitutionKind, "enterprise", 300)
		}, "over_cap E1"},
		{transfer.LintOverCap, "4 of 4", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.cap(transfer.CapTotal, "", 400) }, ""},
		{transfer.LintOverCap, "one programme has no cap", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.cap(transfer.CapTotal, "", 300)
			s.facts.Programmes = append(s.facts.Programmes, transfer.Programme{ProgrammeKey: transfer.ProgrammeKey{Institution: home, Code: "P2"}})
			s.facts.Caps = append(s.facts.Caps, transfer.Cap{Place: transfer.Place{Scope: transfer.ScopeProgramme, Institution: home, Programme: "P2"},
				Kind: transfer.CapTotal, Credits: -1, Share: -1})
		}, ""},
		{transfer.LintCycle, "round with 1 more", func(s *sketch) {
			s.rule("E1", "H:T1", "T2")
			s.rule("E2", "H:T2", "T3=5")
			s.rule("E3", "H:T3", "T1")
		}, "cycle E2 E3 E1"},
		{transfer.LintCycle, "round with as much", func(s *sketch) {
			s.rule("E1", "H:T1", "T2=3")
			s.rule("E2", "H:T2", "T3=5")
			s.rule("E3", "H:T3", "T1")
		}, ""},
		{transfer.LintCycle, "no way back", func(s *sketch) { s.rule("E1", "H:T1", "T2"); s.rule("E2", "H:T2", "T3=5") }, ""},
		{transfer.LintNeverExempt, "thesis", func(s *sketch) { s.rule("E1", "S:A", "THESIS") }, "never_exempt E1"},
		{transfer.LintNeverExempt, "thesis of another programme", func(s *sketch) { s.rule("E1", "S:A", "THESIS").Programme = "P2" }, ""},
		{transfer.LintCertificate, "nothing known", func(s *sketch) { s.rule("E1", "Z:C1", "T1") }, "certificate,certificate,certificate E1"},
		{transfer.LintCertificate, "all known", func(s *sketch) {
			s.course("Z:C1").Level, s.course("Z:C1").Hours = 4, 720_000
			s.rule("E1", "Z:C1", "T1").Validity = 5
		}, ""},
		{transfer.LintMirror, "there 4, back 3", func(s *sketch) { s.rule("E1", "H:T1", "T2"); s.rule("E2", "H:T2", "T1=3") }, "mirror E1 E2"},
		{transfer.LintMirror, "there and back", func(s *sketch) { s.rule("E1", "H:T1", "T2"); s.rule("E2", "H:T2", "T1") }, ""},
		{transfer.LintFault, "unknown course", func(s *sketch) { s.rule("E1", "S:NONE", "T1") }, "fault E1"},
		{transfer.LintFault, "one version twice", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.rule("E1", "S:B", "T1") }, "fault E1,fault E1"},
	} {
		t.Run(string(c.class)+"/"+c.name, func(t *testing.T) {
			s := draw(t)
			c.draw(s)
			if got := strings.Join(s.findings(c.class), ","); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// recredit adds a version of a course from a day on.
func (s *sketch) recredit(key, from string, credits credit.Amount) {
	s.course(key).To = s.day(from) - 1
	s.facts.Courses = append(s.facts.Courses, transfer.Course{CourseKey: courseKey(key), Credits: credits, From: s.day(from), To: calendar.None})
}

// levels gives two courses their levels, and allows a rise of one level.
func (s *sketch) levels(low string, from int, high string, to int) {
	s.course(low).Level, s.course(high).Level = from, to
	s.policy(transfer.Policy{Place: transfer.Place{Scope: transfer.ScopeBank}, MinGrade: transfer.NoScore, Validity: -1, MaxRise: 1})
}

func TestLintDetail(t *testing.T) {
	s := draw(t)
	s.rule("E1", "S:A>=60<=70", "T1=3")
	s.rule("E2", "S:A>=80", "T1")
	for _, f := range transfer.Compile(s.facts).Lint(s.asOf) {
		if f.Class == transfer.LintBandGap && (f.Low != 7000 || f.High != 8000) {
			t.Errorf("gap from %s to %s, want 70 to 80", f.Low, f.High)
		}
	}
	s = draw(t)
	s.rule("E1", "S:A", "T1=5")
	if f := transfer.Compile(s.facts).Lint(s.asOf); len(f) != 1 || f[0].Stated != 500 || f[0].Actual != 400 {
		t.Errorf("got %+v, want 5 stated and 4 of the source", f)
	}
}

// A sound map has no findings; and a circle as long as any seen is found.
func TestLintOfSoundAndLong(t *testing.T) {
	s := draw(t)
	s.rule("E1", "S:A", "T1")
	s.rule("E2", "S:B S:C", "T2 T3")
	if got := s.findings(""); len(got) > 0 {
		t.Errorf("a sound map has %v", got)
	}
	s = draw(t)
	const length = 15
	for n := range length {
		s.facts.Courses = append(s.facts.Courses, transfer.Course{CourseKey: transfer.CourseKey{Institution: home, Code: fmt.Sprint("R", n)},
			Credits: 400, From: calendar.None, To: calendar.None})
		s.rule(fmt.Sprintf("E%02d", n), fmt.Sprint("H:R", n), fmt.Sprint("R", (n+1)%length))
	}
	s.facts.Rules[7].Targets[0] = transfer.Target{Course: "R8", Mode: transfer.Fixed, Credits: 450}
	if got := s.findings(transfer.LintCycle); len(got) != 1 || len(strings.Fields(got[0])) != 1+length {
		t.Errorf("got %v, want one circle of %d", got, length)
	}
}

func TestLintDoesNotDependOnOrder(t *testing.T) {
	for seed := range uint64(300) {
		w := randomWorld(seed)
		s, _ := w.shuffled(rand.New(rand.NewPCG(seed, 1)))
		want, got := transfer.Compile(w.facts).Lint(w.asOf), transfer.Compile(s.facts).Lint(w.asOf)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n got %+v\nwant %+v", seed, got, want)
		}
	}
}

func BenchmarkLint(b *testing.B) {
	w := mediumWorld(1)
	m := transfer.Compile(w.facts)
	for b.Loop() {
		if len(m.Lint(w.asOf)) == 0 {
			b.Fatal("nothing found")
		}
	}
	b.ReportMetric(float64(len(w.facts.Rules)), "rules")
}

// mediumWorld is a map of 100,000 rules for 2,000 programmes of 100 schools from
// 20,000 courses, and one learner with 60 records.
func mediumWorld(seed uint64) world {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 5))}
	d.w.asOf = today
	at := func(kind string, n int) string { return fmt.Sprintf("%s%03d", kind, n) }
	for n := range 100 {
		d.w.facts.Institutions = append(d.w.facts.Institutions,
			transfer.Institution{Code: at("H", n), Kind: "higher_vocational", Rate: 1600, Step: 50},
			transfer.Institution{Code: at("S", n), Kind: "secondary_vocational", Rate: 1800, Step: 50})
		for c := range 200 {
			d.course(at("S", n), fmt.Sprint("C", c), credit.Amount(50*(1+d.IntN(12))))
			d.course(at("H", n), fmt.Sprint("T", c), credit.Amount(50*(1+d.IntN(12))))
		}
		for p := range 20 {
			d.w.facts.Programmes = append(d.w.facts.Programmes, d.mediumProgramme(transfer.ProgrammeKey{Institution: at("H", n), Code: at("P", n*20+p)}))
		}
	}
	for n := range 100_000 {
		r := transfer.Rule{RuleRef: transfer.RuleRef{Code: fmt.Sprintf("E%06d", n), Version: 1}, Institution: at("H", d.IntN(100)), Outcome: transfer.Credit,
			From: calendar.None, To: calendar.None}
		for range pick(d, 1, 1, 1, 2) {
			key := transfer.CourseKey{Institution: at("S", d.IntN(100)), Code: fmt.Sprint("C", d.IntN(200))}
			s := transfer.Source{CourseKey: key, Min: transfer.NoScore, Max: transfer.NoScore}
			if !slices.Contains(r.Sources, s) {
				r.Sources = append(r.Sources, s)
			}
		}
		r.Targets = []transfer.Target{{Course: fmt.Sprint("T", d.IntN(200)), Mode: transfer.Catalogue}}
		d.w.facts.Rules = append(d.w.facts.Rules, r)
	}
	for n := range 60 {
		key := transfer.CourseKey{Institution: at("S", d.IntN(3)), Code: fmt.Sprint("C", n)}
		d.w.records = append(d.w.records, transfer.Record{CourseKey: key, Kind: transfer.KindCourse, Score: 8000, Passed: true, Completed: today - 300})
	}
	d.w.facts.Caps = []transfer.Cap{{Place: transfer.Place{Scope: transfer.ScopeBank}, Kind: transfer.CapTotal, Credits: -1, Share: 3500}}
	return d.w
}

func (d *dice) mediumProgramme(key transfer.ProgrammeKey) transfer.Programme {
	p := transfer.Programme{ProgrammeKey: key, Required: 14_000}
	for g := range 4 {
		p.Groups = append(p.Groups, transfer.Group{Code: fmt.Sprint("g", g), Min: 3_000})
	}
	for _, c := range d.Perm(200)[:50] {
		p.Plan = append(p.Plan, transfer.PlanCourse{Course: fmt.Sprint("T", c), Group: pick(d, p.Groups...).Code})
	}
	return p
}
