package oracle

import (
	"fmt"
	"testing"
	"time"
)

// day is the day number of a date such as 2024-02-29.
func day(date string) int {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return int(t.Unix() / 86400)
}

// school is a small map: H receives, S sends, Z certifies, U is the bank.
func school() World {
	course := func(institution, code string, credits int64) Course {
		return Course{institution, code, Open, Open, credits, 0, 0}
	}
	return World{
		Institutions: []Institution{
			{"H", "higher_vocational", 1800, 50}, {"S", "secondary_vocational", 1600, 50},
			{"Z", "assessment_body", 1600, 50}, {"U", "bank", 1600, 50},
		},
		Courses: []Course{
			course("H", "C1", 400), course("H", "C2", 300), course("H", "THESIS", 800),
			course("H", "B1", 200), course("H", "FREE", 250),
		},
		Programmes: []Programme{{
			Institution: "H", Code: "P", Required: 10000,
			Groups: []Group{{"core", 1000}, {"basic", 500}},
			Plan:   []PlanCourse{{"core", "C1", false}, {"core", "C2", false}, {"core", "THESIS", true}, {"basic", "B1", false}},
		}},
	}
}

// from is a source in S without a band, to a course target with its catalogue credits.
func from(course string) Source         { return Source{"S", course, -1, -1} }
func to(course string) Target           { return Target{Course: course} }
func unit(code string) Source           { return Source{"U", code, -1, -1} }
func band(c string, a, b int64) Source  { return Source{"S", c, a, b} }
func some(group string, n int64) Target { return Target{Group: group, Mode: "fixed", Credits: n} }

func rule(code string, sources []Source, targets ...Target) Rule {
	return Rule{Code: code, Version: 1, Institution: "H", Sources: sources, Targets: targets, From: Open, To: Open}
}

func one(code, course string, targets ...Target) Rule {
	return rule(code, []Source{from(course)}, targets...)
}

// serving is a rule of the bank: a result in S gives a unit.
func serving(code, course, unit string) Rule {
	r := one(code, course, to(unit))
	r.Institution = "U"
	return r
}

func passed(course string, score int64) Record {
	return Record{Institution: "S", Course: course, Graded: true, Score: score, Passed: true, Credits: 400, Day: day("2024-06-30")}
}

func at(r Record, date string) Record { r.Day = day(date); return r }
func in(r Record, institution string) Record {
	r.Institution = institution
	return r
}

var asOf = day("2026-09-01")

// scene is one case: rules and records in the small map, and what must come out.
type scene struct {
	name    string
	rules   []Rule
	records []Record
	change  func(*World)
	want    string // applied/transferable, exemptions, records, the best sets
}

func (s scene) run(t *testing.T) {
	t.Helper()
	t.Run(s.name, func(t *testing.T) {
		w := school()
		w.Rules = s.rules
		if s.change != nil {
			s.change(&w)
		}
		a := Best(w, 0, s.records, asOf)
		got := fmt.Sprintf("%d/%d e%d r%d %v", a.Applied, a.Transferable, a.Exemptions, a.Records, a.Sets)
		if got != s.want {
			t.Errorf("got %s, want %s", got, s.want)
		}
	})
}

func with(r Rule, change func(*Rule)) Rule { change(&r); return r }

func TestSatisfied(t *testing.T) {
	between := func(r *Rule) { r.From, r.To = day("2024-01-01"), day("2024-06-30") }
	two := func(r *Rule) { r.Validity = 2 }
	least := func(n int64) func(*World) {
		return func(w *World) { w.Policies = []Policy{{"bank", "", "", Open, n, -1, -1}} }
	}
	const none, hit = "0/0 e0 r0 [[]]", "400/400 e0 r1 [[R/1]]"
	one1 := []Rule{one("R", "X", to("C1"))}
	ladder := []Rule{rule("L", []Source{band("X", 6000, 7900)}, to("B1")), rule("M", []Source{band("X", 8000, 8900)}, to("C1"))}
	failed, ungraded, used := passed("X", 5000), passed("X", 0), passed("X", 8000)
	failed.Passed, ungraded.Graded, used.Used = false, false, true
	for _, s := range []scene{
		{"a pass", one1, []Record{passed("X", 6000)}, nil, hit},
		{"no record", one1, nil, nil, none},
		{"not a pass", one1, []Record{failed}, nil, none},
		{"used already", one1, []Record{used}, nil, none},
		{"codes compare exactly", one1, []Record{passed("x", 6000)}, nil, none},
		{"last day of the window", []Rule{with(one1[0], between)}, []Record{passed("X", 6000)}, nil, hit},
		{"day after the window", []Rule{with(one1[0], between)}, []Record{at(passed("X", 6000), "2024-07-01")}, nil, none},
		{"last day of validity", []Rule{with(one1[0], two)}, []Record{at(passed("X", 6000), "2024-09-01")}, nil, hit},
		{"day after validity", []Rule{with(one1[0], two)}, []Record{at(passed("X", 6000), "2024-08-31")}, nil, none},
		{"least grade of the policy", one1, []Record{passed("X", 7000)}, least(7001), none},
		{"own least grade over the policy", []Rule{rule("R", []Source{band("X", 6500, -1)}, to("C1"))}, []Record{passed("X", 7000)}, least(7001), hit},
		{"no grade, none asked", one1, []Record{ungraded}, nil, hit},
		{"no grade, one asked", one1, []Record{ungraded}, least(0), none},
		{"lower band", ladder, []Record{passed("X", 7900)}, nil, "200/200 e0 r1 [[L/1]]"},
		{"upper band", ladder, []Record{passed("X", 8900)}, nil, "400/400 e0 r1 [[M/1]]"},
		{"between and above the bands", ladder, []Record{passed("X", 7950), passed("X", 8901)}, nil, none},
		{"an AND set lacking one", []Rule{rule("R", []Source{from("X"), from("Y")}, to("C1"))}, []Record{passed("X", 6000)}, nil, none},
		{"rules do not chain", []Rule{one("R", "X", to("C1")), rule("Q", []Source{{"H", "C1", -1, -1}}, to("C2"))}, []Record{passed("X", 6000)}, nil, hit},
		{"refused", []Rule{with(one1[0], func(r *Rule) { r.Outcome = "refused" })}, []Record{passed("X", 6000)}, nil, none},
		{"pending", []Rule{with(one1[0], func(r *Rule) { r.Outcome = "pending" })}, []Record{passed("X", 6000)}, nil, none},
		{"another programme", []Rule{with(one1[0], func(r *Rule) { r.Programme = "Q" })}, []Record{passed("X", 6000)}, nil, none},
		{"this programme", []Rule{with(one1[0], func(r *Rule) { r.Programme = "P" })}, []Record{passed("X", 6000)}, nil, hit},
		{"another institution", []Rule{with(one1[0], func(r *Rule) { r.Institution = "S" })}, []Record{passed("X", 6000)}, nil, none},
	} {
		s.run(t)
	}
}

func TestPlan(t *testing.T) {
	const none = "0/0 e0 r0 [[]]"
	free := Target{Course: "C1", Exemption: true}
	both := []Record{passed("X", 6000), passed("Y", 6000)}
	for _, s := range []scene{
		{"a record is consumed once", []Rule{one("R", "X", to("C1")), one("Q", "X", to("C2"))}, both, nil, "400/400 e0 r1 [[R/1]]"},
		{"an AND set beside its member", []Rule{rule("R", []Source{from("X"), from("Y")}, to("C1"), to("C2")), one("Q", "X", to("C1"))}, both, nil, "700/700 e0 r2 [[R/1]]"},
		{"a course is awarded once", []Rule{one("R", "X", to("C1")), one("Q", "Y", to("C1"))}, both, nil, "400/400 e0 r1 [[Q/1] [R/1]]"},
		{"never exempt bars the whole rule", []Rule{one("R", "X", to("C1"), to("THESIS"))}, both, nil, none},
		{"held bars the whole rule", []Rule{one("R", "X", to("C1"), to("FREE"))}, []Record{both[0], in(passed("FREE", 6000), "H")}, nil, none},
		{"a held exemption is barred", []Rule{one("R", "X", free)}, []Record{both[0], in(passed("C1", 6000), "H")}, nil, none},
		{"an exemption uses up its course", []Rule{one("R", "X", free), one("Q", "Y", to("C1"))}, both, nil, "400/400 e0 r1 [[Q/1]]"},
		{"a rule awards a course once", []Rule{one("R", "X", to("C1"), free)}, both, nil, none},
		{"an exemption gives no credit", []Rule{one("R", "X", free)}, both, nil, "0/0 e1 r1 [[R/1]]"},
		{"exemptions before few records", []Rule{one("R", "X", free), one("Q", "Y", to("C2"))}, both, nil, "300/300 e1 r2 [[Q/1 R/1]]"},
		{"few records", []Rule{rule("R", []Source{from("X"), from("Y")}, to("C1")), one("Q", "Y", to("C1"))}, both, nil, "400/400 e0 r1 [[Q/1]]"},
		{"no credit, no record", []Rule{one("R", "X", some("core", 0))}, both, nil, none},
		{"no group: transferable alone", []Rule{one("R", "X", to("FREE"))}, both, nil, "0/250 e0 r1 [[R/1]]"},
		{"a group of another programme", []Rule{one("R", "X", some("other", 100))}, both, nil, "0/100 e0 r1 [[R/1]]"},
		{"applied stops at the need", []Rule{one("R", "X", some("basic", 450)), one("Q", "Y", to("B1"))}, both, nil, "500/650 e0 r2 [[Q/1 R/1]]"},
		{"applied before transferable", []Rule{one("R", "X", to("B1")), one("Q", "X", some("", 900))}, both, nil, "200/200 e0 r1 [[R/1]]"},
		{"transferable among equals", []Rule{one("R", "X", some("basic", 500)), one("Q", "X", some("basic", 700))}, both, nil, "500/700 e0 r1 [[Q/1]]"},
		{"unassigned credit twice", []Rule{one("R", "X", some("core", 100)), one("Q", "Y", some("core", 100))}, both, nil, "200/200 e0 r2 [[Q/1 R/1]]"},
		{"one rule once", []Rule{one("R", "X", some("core", 100))}, []Record{both[0], passed("X", 7000)}, nil, "100/100 e0 r1 [[R/1]]"},
		{"a ladder of targets", []Rule{one("R", "X", to("C1")), one("Q", "X", to("C1"), to("C2"))}, both, nil, "700/700 e0 r1 [[Q/1]]"},
	} {
		s.run(t)
	}
}

func TestHome(t *testing.T) {
	home := func(c string) Record { return in(passed(c, 6000), "H") }
	failed := home("C1")
	failed.Passed = false
	swap := rule("R", []Source{{"H", "FREE", -1, -1}}, to("C1"))
	again := rule("R", []Source{{"H", "B1", -1, -1}}, to("C1"))
	all := one("Q", "X", some("basic", 500))
	for _, s := range []scene{
		{"a home result outside the plan is a source", []Rule{swap}, []Record{home("FREE")}, nil, "400/400 e0 r1 [[R/1]]"},
		{"one in the plan is none", []Rule{again}, []Record{home("B1")}, nil, "0/0 e0 r0 [[]]"},
		{"earned lowers the need, once", []Rule{all}, []Record{home("B1"), home("B1"), passed("X", 6000)}, nil, "300/500 e0 r1 [[Q/1]]"},
		{"more earned than needed", []Rule{all}, []Record{home("B1"), passed("X", 6000)}, func(w *World) { w.Programmes[0].Groups[1].Min = 100 }, "0/500 e0 r1 [[Q/1]]"},
		{"a failed one neither earns nor holds", []Rule{one("R", "X", to("C1"))}, []Record{failed, passed("X", 6000)}, nil, "400/400 e0 r1 [[R/1]]"},
	} {
		s.run(t)
	}
	a := Best(school(), 0, []Record{home("B1"), home("B1"), home("C1"), home("FREE")}, asOf)
	if a.Earned != 600 {
		t.Errorf("earned %d, want 600: B1 once, C1, nothing outside the plan", a.Earned)
	}
}
