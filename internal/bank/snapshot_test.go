package bank_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// versionsFile has rules of all kinds in several versions, from random days on,
// and two that cannot be served: units that stand for each other.
func versionsFile(random *rand.Rand, round int) string {
	file := "equivalence,source_institution,source_course,min_grade,target_institution,target_course,target_group,target_credits,valid_from,valid_to,programme,outcome,reasons,note\n"
	for n := range 40 {
		if random.IntN(3) == 0 && round > 0 {
			continue
		}
		from, to := "", ""
		if random.IntN(4) > 0 {
			from = fmt.Sprintf("20%02d-01-01", 10+random.IntN(9))
		}
		if random.IntN(4) == 0 {
			to = fmt.Sprintf("20%02d-06-30", 19+random.IntN(9))
		}
		programme := []string{"", "", "P"}[random.IntN(3)]
		end := []string{"credit,,", "credit,,remark", "refused,LEVEL|CONTENT,no", "pending,,"}[random.IntN(4)]
		target := []string{"b1,,", "b2,,", ",core,2", ",core,1"}[random.IntN(4)]
		file += fmt.Sprintf("V%02d,A,a%d,%d,B,%s,%s,%s,%s,%s\n", n, 1+random.IntN(2), 60+round, target, from, to, programme, end)
		if random.IntN(4) == 0 {
			file += fmt.Sprintf("V%02d,B,b3,,,,,,,,,,,\n", n)
		}
	}
	return file + fmt.Sprintf("C1,%[1]s,U1,%[2]d,%[1]s,U2,,,,,,,,\nC2,%[1]s,U2,,%[1]s,U1,,,,,,,,\n", unitBank, 60+round)
}

const unitBank = "12000000FCREDT013M"

// versioned is a small bank in which rules have several versions.
func versioned(t *testing.T, b *bank.Bank) {
	t.Helper()
	small(t, b)
	text(t, b, "institutions", "code,name,kind\n"+unitBank+",The Bank,bank\n")
	text(t, b, "courses", "institution,code,name,credits\nB,b3,Statistics,3\n"+unitBank+",U1,Unit one,1\n"+unitBank+",U2,Unit two,1\n")
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 4 {
		if r := text(t, b, "equivalences", versionsFile(random, round)); r.Refused > 0 {
			t.Fatalf("%+v", r.Errors)
		}
	}
}

// listed are all versions that a filter lets through.
func listed(t *testing.T, s *bank.Snapshot, f bank.RuleFilter) []bank.RuleInfo {
	t.Helper()
	var list []bank.RuleInfo
	for w := (bank.Window{Limit: 7}); ; {
		page, err := s.Equivalences(f, w)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, page.Items...)
		if w.Cursor = page.Next; w.Cursor == "" {
			if len(list) != page.Total {
				t.Fatalf("%d listed, %d in all", len(list), page.Total)
			}
			return list
		}
	}
}

// Every published version is listed once, in the order of code and version, with
// its own window and the one in which it holds.
func TestEveryVersionIsListed(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		versioned(t, b)
		s := snapshotOf(t, b)
		if len(s.Map.Faults()) < 2 {
			t.Errorf("faults %v: the units do not stand for each other", s.Map.Faults())
		}
		all := listed(t, s, bank.RuleFilter{Past: true, On: calendar.None})
		var stored int
		if err := raw.QueryRow(`SELECT count(*) FROM equivalence`).Scan(&stored); err != nil || len(all) != stored {
			t.Fatalf("%d listed, %d stored (%v)", len(all), stored, err)
		}
		if !slices.IsSortedFunc(all, func(a, b bank.RuleInfo) int { return transfer.CompareRefs(a.RuleRef, b.RuleRef) }) {
			t.Error("not in order")
		}
		replaced := 0
		for i := range all {
			checkVersion(t, raw, all, i)
			if all[i].Superseded {
				replaced++
			}
			versions, err := s.Equivalence(all[i].Code)
			if err != nil || !slices.ContainsFunc(versions, func(v bank.RuleInfo) bool { return reflect.DeepEqual(v, all[i]) }) {
				t.Errorf("%v is not among the versions of its code (%v)", all[i].RuleRef, err)
			}
		}
		if replaced < 20 {
			t.Errorf("%d replaced versions prove little", replaced)
		}
	})
}

// checkVersion holds a version against what is stored and against what the later
// versions of its code mean for it, day by day.
func checkVersion(t *testing.T, raw *sql.DB, all []bank.RuleInfo, i int) {
	t.Helper()
	v := all[i]
	var from, to calendar.Day
	var note, reasons string
	err := raw.QueryRow(`SELECT coalesce(valid_from, -2147483648), coalesce(valid_to, -2147483648), note, reasons FROM equivalence WHERE code = $1 AND version = $2`,
		v.Code, v.Version).Scan(&from, &to, &note, &reasons)
	if err != nil || from != v.From || to != v.To || note != v.Note || reasons != strings.Join(v.Reasons, "|") {
		t.Errorf("%v is %+v, stored %v %v %q %q (%v)", v.RuleRef, v.Equivalence, from, to, note, reasons, err)
	}
	later := all[i+1:]
	if end := slices.IndexFunc(later, func(w bank.RuleInfo) bool { return w.Code != v.Code }); end >= 0 {
		later = later[:end]
	}
	if v.Latest != (len(later) == 0) {
		t.Errorf("%v: latest is %v", v.RuleRef, v.Latest)
	}
	for day := calendar.Day(14000); day < 22000; day += 29 {
		want := (v.From == calendar.None || v.From <= day) && (v.To == calendar.None || day <= v.To) &&
			!slices.ContainsFunc(later, func(w bank.RuleInfo) bool { return w.From == calendar.None || w.From <= day })
		if got := v.InForce(day); got != want {
			t.Errorf("%v on %v: %v, want %v", v.RuleRef, day, got, want)
			return
		}
	}
}

// What a filter lists is what it lets through of all.
func TestFiltersOfVersions(t *testing.T) {
	b := open(t, "sqlite:"+t.TempDir()+"/bank.db")
	versioned(t, b)
	s := snapshotOf(t, b)
	all := listed(t, s, bank.RuleFilter{Past: true, On: calendar.None})
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	some := 0
	for range 500 {
		f := bank.RuleFilter{Past: random.IntN(2) == 0, On: calendar.None, Code: pick("", "", "", "", "V01", "C1", "none"), SourceInstitution: pick("", "", "A", "B", unitBank),
			SourceCourse: pick("", "", "a1", "b3", "U1"), TargetInstitution: pick("", "", "B", "A", unitBank), TargetCourse: pick("", "", "b1", "U2"),
			Programme: pick("", "", "P", "other"), Outcome: pick("", "", "credit", "refused"), Q: pick("", "", "maths", "statistics", "unit", "nothing")}
		if random.IntN(3) == 0 {
			f.On = calendar.Day(14000 + random.IntN(8000))
		}
		want := slices.Clone(all)
		want = slices.DeleteFunc(want, func(r bank.RuleInfo) bool { return !lets(f, r) })
		got := listed(t, s, f)
		if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v: %d listed, want %d", f, len(got), len(want))
		}
		some += len(got)
	}
	if some < 500 {
		t.Errorf("%d versions in all prove little", some)
	}
}

// lets says what a filter means.
func lets(f bank.RuleFilter, r bank.RuleInfo) bool {
	words := map[string][]string{"maths": {"a1"}, "statistics": {"b3"}, "unit": {"U1", "U2"}}[f.Q]
	hasSource := func(fits func(transfer.Source) bool) bool { return slices.ContainsFunc(r.Sources, fits) }
	hasTarget := func(fits func(transfer.Target) bool) bool { return slices.ContainsFunc(r.Targets, fits) }
	return (f.Code == "" || f.Code == r.Code) && (f.Past || r.Latest) && (f.On == calendar.None || r.InForce(f.On)) &&
		(f.Outcome == "" || f.Outcome == string(r.Outcome)) && (f.TargetInstitution == "" || f.TargetInstitution == r.Institution) &&
		(f.Programme == "" || r.Programme == "" || f.Programme == r.Programme) &&
		(f.TargetCourse == "" || hasTarget(func(x transfer.Target) bool { return x.Course == f.TargetCourse })) &&
		hasSource(func(x transfer.Source) bool {
			return (f.SourceInstitution == "" || f.SourceInstitution == x.Institution) && (f.SourceCourse == "" || f.SourceCourse == x.Code)
		}) &&
		(f.Q == "" || hasSource(func(x transfer.Source) bool { return slices.Contains(words, x.Code) }) ||
			hasTarget(func(x transfer.Target) bool { return slices.Contains(words, x.Course) }))
}

// What is counted of an institution is what is listed.
func TestCountsOfInstitutions(t *testing.T) {
	b := open(t, "sqlite:"+t.TempDir()+"/bank.db")
	versioned(t, b)
	s := snapshotOf(t, b)
	for _, code := range []string{"A", "B", unitBank} {
		info, err := s.Institution(code)
		if err != nil {
			t.Fatal(err)
		}
		sending := listed(t, s, bank.RuleFilter{SourceInstitution: code, Past: true, On: calendar.None})
		receiving := listed(t, s, bank.RuleFilter{TargetInstitution: code, Past: true, On: calendar.None})
		if info.Sending != len(sending) || info.Receiving != len(receiving) {
			t.Errorf("%s sends %d and receives %d, want %d and %d", code, info.Sending, info.Receiving, len(sending), len(receiving))
		}
	}
}

// everything is what a bank answers, as one value.
func everything(t *testing.T, b *bank.Bank, learners int) map[string]any {
	t.Helper()
	s, many, answers := snapshotOf(t, b), bank.Window{Limit: bank.MaxLimit}, map[string]any{}
	keep := func(name string, answer any, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		answers[name] = answer
	}
	for _, f := range []bank.Filter{{}, {Q: "a"}, {Q: "数"}, {Q: "jsj"}, {Q: "软件 技术"}, {Kind: "higher_vocational"}, {Region: "500000"}, {Catalogue: "51"}, {Q: "Maths"}} {
		institutions, err := s.Institutions(f, many)
		keep(fmt.Sprintf("institutions %+v", f), institutions, err)
		programmes, err := s.Programmes(f, many)
		keep(fmt.Sprintf("programmes %+v", f), programmes, err)
		courses, err := s.Courses(f, many, b.Today())
		keep(fmt.Sprintf("courses %+v", f), courses, err)
		for i, in := range institutions.Items[:min(5, len(institutions.Items))] {
			one, err := s.Institution(in.Code)
			keep(fmt.Sprintf("institution %+v %d", f, i), one, err)
		}
		for _, p := range programmes.Items[:min(3, len(programmes.Items))] {
			one, err := s.Programme(p.ProgrammeKey, b.Today())
			keep("programme "+p.Code+p.Institution, one, err)
			answers["catalogue "+p.CatalogueCode] = s.CatalogueName(p.CatalogueCode)
		}
	}
	answers["rules"] = listed(t, s, bank.RuleFilter{Past: true, On: calendar.None})
	answers["rules about"] = listed(t, s, bank.RuleFilter{Q: "a", On: b.Today()})
	answers["regions"], answers["faults"], answers["version"] = s.Regions(), s.Map.Faults(), s.Version
	findings, err := b.Lint(context.Background())
	keep("lint", findings, err)
	for n := 1; n <= learners; n++ {
		account := fmt.Sprintf("L%06d", n)
		ranking, err := b.RankLearner(context.Background(), operator, account, bank.CheckInput{})
		keep("ranking "+account, ranking.Page, err)
		for _, standing := range ranking.Items[:min(3, len(ranking.Items))] {
			plan, err := b.PlanLearner(context.Background(), operator, account, bank.CheckInput{To: standing.Programme})
			keep("plan "+account+standing.Programme.Code, plan.Answer, err)
		}
	}
	return answers
}
