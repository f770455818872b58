package bank_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
	"creditbank/internal/transfer"
	"creditbank/internal/transfer/oracle"
)

// learnersPerSet is how many learners are drawn from each real rule set.
const learnersPerSet = 200

// The bank's answers on real rule sets agree with an exhaustive search that
// reads the same files by itself and shares no code with the engine.
func TestRealSetsAgreeWithExhaustiveSearch(t *testing.T) {
	shared := testbed.Shared(t)
	for _, set := range realSets {
		t.Run(set, func(t *testing.T) {
			folder := filepath.Join(shared, "data", "equivalences", set)
			b := open(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))
			for _, kind := range order {
				take(t, b, kind, parseTable(t, readFile(t, filepath.Join(folder, kind+".csv"))))
			}
			w := worldOf(t, folder)
			random := rand.New(rand.NewPCG(7, uint64(len(set))))
			worth := 0
			for n := range learnersPerSet {
				worth += compareLearner(t, b, w, draw(random, w), n)
			}
			if worth < learnersPerSet/2 {
				t.Errorf("only %d answers are worth anything: the test proves little", worth)
			}
		})
	}
}

// drawn is a learner's results, as they are asked for and as the search takes them.
type drawn struct {
	asked []bank.CheckRecord
	known []oracle.Record
}

func dayOf(t time.Time) int { return int(t.Unix() / 86400) }

// draw picks results in courses that rules ask for, most from one school, with
// all members of a set now and then, some failed, some twice.
func draw(random *rand.Rand, w oracle.World) drawn {
	var d drawn
	for len(d.known) < 2+random.IntN(7) {
		rule := w.Rules[random.IntN(len(w.Rules))]
		for _, s := range rule.Sources {
			if len(d.known) >= 9 || (len(rule.Sources) > 1 && random.IntN(5) == 0) {
				continue
			}
			d.add(random, rule, s)
		}
	}
	return d
}

// add draws a result; two in three lie in the window of the rule, or soon after it began.
func (d *drawn) add(random *rand.Rand, rule oracle.Rule, s oracle.Source) {
	day := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(9400))
	if rule.From != oracle.Open && random.IntN(3) > 0 {
		day = time.Unix(int64(rule.From)*86400, 0).UTC().AddDate(0, 0, random.IntN(400))
	}
	grade, scale, passed := 40+random.IntN(61), "percent", true
	if s.Min >= 0 && s.Min <= 1000 {
		grade, scale = 1+random.IntN(5), "raw"
	} else {
		passed = grade >= 60
	}
	d.asked = append(d.asked, bank.CheckRecord{Institution: s.Institution, Course: s.Course, Grade: strconv.Itoa(grade), Scale: scale,
		CompletedOn: day.Format("2006-01-02")})
	d.known = append(d.known, oracle.Record{Institution: s.Institution, Course: s.Course, Kind: "course", Graded: true,
		Score: int64(grade) * 100, Passed: passed, Day: dayOf(day)})
}

// compareLearner asks for every programme and counts the answers that are worth something.
func compareLearner(t *testing.T, b *bank.Bank, w oracle.World, d drawn, n int) (worth int) {
	t.Helper()
	today := dayOf(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	for i, p := range w.Programmes {
		got, err := b.Plan(context.Background(), bank.CheckInput{Records: d.asked, To: transfer.ProgrammeKey{Institution: p.Institution, Code: p.Code}})
		if err != nil {
			t.Fatalf("learner %d: %v", n, err)
		}
		want := oracle.Best(w, i, d.known, today)
		if int64(got.Applied) != want.Applied || int64(got.Transferable) != want.Transferable || int64(got.Earned) != want.Earned || !got.Optimal {
			t.Errorf("learner %d, %s: applied %d transferable %d earned %d, want %d %d %d\n%+v", n, p.Institution,
				got.Applied, got.Transferable, got.Earned, want.Applied, want.Transferable, want.Earned, d.asked)
		}
		if err := oracle.Check(w, i, d.known, today, chosen(got)); err != nil {
			t.Errorf("learner %d, %s: the plan is none: %v", n, p.Institution, err)
		}
		worth += int(min(got.Applied, 1))
	}
	return worth
}

func chosen(a bank.PlanAnswer) []oracle.Chosen {
	var list []oracle.Chosen
	for _, item := range a.Items {
		c := oracle.Chosen{Rule: item.Rule.Code, Version: item.Rule.Version, Records: item.Records, Credits: int64(item.Credits)}
		for _, v := range item.Via {
			c.Via = append(c.Via, fmt.Sprintf("%s/%d", v.Code, v.Version))
		}
		list = append(list, c)
	}
	return list
}

// worldOf reads the files of a set for the exhaustive search, by itself.
func worldOf(t *testing.T, folder string) oracle.World {
	t.Helper()
	read := func(kind string, row func(cell func(string) string)) {
		tab := parseTable(t, readFile(t, filepath.Join(folder, kind+".csv")))
		for _, r := range tab.rows {
			row(func(column string) string {
				if i := slices.Index(tab.header, column); i >= 0 {
					return r.Cells[i]
				}
				return ""
			})
		}
	}
	var w oracle.World
	read("institutions", func(cell func(string) string) {
		w.Institutions = append(w.Institutions, oracle.Institution{Code: cell("code"), Kind: cell("kind"),
			Rate: hundredths(t, cell("hours_per_credit")), Step: hundredths(t, cell("credit_step"))})
	})
	read("courses", func(cell func(string) string) {
		w.Courses = append(w.Courses, oracle.Course{Institution: cell("institution"), Code: cell("code"), From: oracle.Open, To: oracle.Open,
			Credits: hundredths(t, cell("credits"))})
	})
	programmeAt := map[[2]string]int{}
	read("programmes", func(cell func(string) string) {
		programmeAt[[2]string{cell("institution"), cell("code")}] = len(w.Programmes)
		w.Programmes = append(w.Programmes, oracle.Programme{Institution: cell("institution"), Code: cell("code"), Required: hundredths(t, cell("required_credits"))})
	})
	read("groups", func(cell func(string) string) {
		p := &w.Programmes[programmeAt[[2]string{cell("institution"), cell("programme")}]]
		p.Groups = append(p.Groups, oracle.Group{Code: cell("code"), Min: hundredths(t, cell("min_credits"))})
	})
	read("plans", func(cell func(string) string) {
		p := &w.Programmes[programmeAt[[2]string{cell("institution"), cell("programme")}]]
		p.Plan = append(p.Plan, oracle.PlanCourse{Group: cell("group"), Course: cell("course")})
	})
	rules := map[string]*oracle.Rule{}
	var codes []string
	read("equivalences", func(cell func(string) string) {
		r := rules[cell("equivalence")]
		if r == nil {
			r = &oracle.Rule{Code: cell("equivalence"), Version: 1, From: oracle.Open, To: oracle.Open}
			rules[r.Code] = r
			codes = append(codes, r.Code)
		}
		addRow(t, r, cell)
	})
	for _, code := range codes {
		w.Rules = append(w.Rules, *rules[code])
	}
	return w
}

func addRow(t *testing.T, r *oracle.Rule, cell func(string) string) {
	t.Helper()
	if text := cell("target_institution"); text != "" {
		r.Institution = text
	}
	if text := cell("outcome"); text != "" {
		r.Outcome = text
	}
	for column, day := range map[string]*int{"valid_from": &r.From, "valid_to": &r.To} {
		if text := cell(column); text != "" {
			at, err := time.Parse("2006-01-02", text)
			if err != nil {
				t.Fatal(err)
			}
			*day = dayOf(at)
		}
	}
	if course := cell("source_course"); course != "" {
		s := oracle.Source{Institution: cell("source_institution"), Course: course, Min: -1, Max: -1}
		if text := cell("min_grade"); text != "" {
			s.Min = hundredths(t, text)
		}
		r.Sources = append(r.Sources, s)
	}
	if course := cell("target_course"); course != "" {
		target := oracle.Target{Course: course, Mode: cell("credit_mode")}
		if text := cell("target_credits"); text != "" {
			target.Mode, target.Credits = "fixed", hundredths(t, text)
		}
		r.Targets = append(r.Targets, target)
	}
}

// hundredths reads a decimal with at most two places.
func hundredths(t *testing.T, text string) int64 {
	t.Helper()
	whole, part, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	if err != nil || len(part) > 2 {
		t.Fatalf("%q is no decimal", text)
	}
	return n
}
