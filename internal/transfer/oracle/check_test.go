package oracle

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestCheck(t *testing.T) {
	w := school()
	w.Rules = []Rule{
		one("R", "X", to("C1")), one("Q", "Y", to("C1")), one("S", "X", to("C2")), one("N", "X", to("THESIS")),
		one("H", "X", to("FREE")), rule("B", []Source{unit("M")}, to("B1")), serving("A", "X", "M"), one("F", "F", to("C1")),
		one("G", "G", some("core", 100)),
	}
	w.Caps = []Cap{{"bank", "", "", Open, "group", "core", 450, -1}}
	failed := passed("F", 0)
	failed.Passed = false
	records := []Record{passed("X", 6000), passed("Y", 6000), in(passed("FREE", 6000), "H"), failed, passed("G", 6000)}
	item := func(rule string, credits int64, records ...int) Chosen { return Chosen{rule, 1, nil, records, credits} }
	via := func(by string) Chosen { return Chosen{"B", 1, []string{by}, []int{0}, 200} }
	for _, c := range []struct {
		name   string
		chosen []Chosen
		want   string // part of the violation; blank is a plan
	}{
		{"nothing", nil, ""},
		{"a plan", []Chosen{item("Q", 400, 1), via("A/1")}, ""},
		{"unknown rule", []Chosen{item("?", 0)}, "no such rule"},
		{"rule of the bank", []Chosen{item("A", 0, 0)}, "of another institution"},
		{"no such record", []Chosen{item("R", 400, 9)}, "there is no record 9"},
		{"record of another course", []Chosen{item("R", 400, 1)}, "records [1] claimed, the rule consumes [0]"},
		{"one record too many", []Chosen{item("R", 400, 0, 1)}, "records [0 1] claimed"},
		{"a record claimed twice", []Chosen{item("R", 400, 0, 0)}, "records [0 0] claimed"},
		{"a failed record", []Chosen{item("F", 400, 3)}, "record 3 is not a pass"},
		{"wrong credits", []Chosen{item("R", 399, 0)}, "credits 399 claimed, the rule gives 400"},
		{"record twice", []Chosen{item("R", 400, 0), item("S", 300, 0)}, "record 0 is consumed by R/1 too"},
		{"course twice", []Chosen{item("R", 400, 0), item("Q", 400, 1)}, "course C1 is awarded by R/1 too"},
		{"rule twice", []Chosen{item("R", 400, 0), item("R", 400, 0)}, "chosen twice"},
		{"never exempt", []Chosen{item("N", 800, 0)}, "THESIS is never exempt"},
		{"held", []Chosen{item("H", 250, 0)}, "FREE is held already"},
		{"over a cap", []Chosen{item("R", 400, 0), item("G", 100, 4)}, "cap group core: 500 awarded, limit 450"},
		{"a unit nobody serves", []Chosen{item("B", 200, 0)}, "source U:M: no record meets it"},
		{"served by a stranger", []Chosen{via("R/1")}, "cannot be served by [R/1]"},
	} {
		got := words(Check(w, 0, records, asOf, c.chosen))
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWorth(t *testing.T) {
	w := school()
	w.Rules = []Rule{one("R", "X", some("basic", 600), to("FREE"), Target{Course: "C2", Exemption: true})}
	applied, transferable, exemptions := Worth(w, 0, []Record{passed("X", 6000)}, asOf, []Chosen{{"R", 1, nil, []int{0}, 0}})
	if applied != 500 || transferable != 850 || exemptions != 1 {
		t.Errorf("got %d, %d, %d, want 500, 850, 1", applied, transferable, exemptions)
	}
}

// TestEverySubset holds the walk of Best against the plainest search there is: all
// 2^n sets of satisfied rules, each judged by Check and Worth.
func TestEverySubset(t *testing.T) {
	optima, plans := 0, 0
	for seed := range uint64(400) {
		w, records := random(rand.New(rand.NewPCG(seed, 1)))
		items := claims(ask(w, 0, records, asOf))
		if len(items) > 9 {
			continue
		}
		var best [4]int64
		sets := map[string]bool{}
		for mask := range 1 << len(items) {
			chosen, consumed := pick(items, mask)
			if Check(w, 0, records, asOf, chosen) != nil {
				continue
			}
			plans++
			a, b, e := Worth(w, 0, records, asOf, chosen)
			value := [4]int64{a, b, int64(e), -consumed}
			if c := compareValues(value, best); c > 0 {
				best, sets = value, map[string]bool{}
			} else if c < 0 {
				continue
			}
			sets[names(chosen)] = true
		}
		got := Best(w, 0, records, asOf)
		value := [4]int64{got.Applied, got.Transferable, int64(got.Exemptions), -int64(got.Records)}
		if value != best || len(got.Sets) != len(sets) {
			t.Errorf("seed %d: got %v in %v, want %v in %v", seed, value, got.Sets, best, sets)
		}
		for _, set := range got.Sets {
			if !sets[strings.Join(set, " ")] {
				t.Errorf("seed %d: %v is not among %v", seed, set, sets)
			}
		}
		optima += len(sets)
	}
	if optima < 400 || plans < 3000 {
		t.Errorf("only %d best plans among %d: the worlds are too poor to test anything", optima, plans)
	}
}

func compareValues(a, b [4]int64) int {
	for i := range a {
		if a[i] != b[i] {
			return int(a[i] - b[i])
		}
	}
	return 0
}

func names(chosen []Chosen) string {
	var list []string
	for _, c := range chosen {
		list = append(list, keyVia(c.Rule+"/"+strconv.Itoa(c.Version), c.Via))
	}
	return strings.Join(distinct(list), " ")
}

func pick(items []Chosen, mask int) (chosen []Chosen, consumed int64) {
	for i, c := range items {
		if mask>>i&1 == 1 {
			chosen = append(chosen, c)
			consumed += int64(len(c.Records))
		}
	}
	return chosen, consumed
}

// claims states every candidate as a visitor would.
func claims(q *question) []Chosen {
	var out []Chosen
	for _, c := range q.candidates() {
		code, via, _ := strings.Cut(c.key, "+")
		item := Chosen{Version: 1, Records: c.records, Credits: c.credits()}
		item.Rule, _, _ = strings.Cut(code, "/")
		if via != "" {
			item.Via = strings.Split(via, "+")
		}
		out = append(out, item)
	}
	return out
}

// random is a small world full of conflicts: few courses, many rules, tight caps.
func random(r *rand.Rand) (World, []Record) {
	w := school()
	for _, cap := range []string{"total", "group", "source_kind"} {
		if r.IntN(2) == 0 {
			key := map[string]string{"group": "core", "source_kind": "course"}[cap]
			w.Caps = append(w.Caps, Cap{"bank", "", "", Open, cap, key, 100 * r.Int64N(12), -1})
		}
	}
	targets := []Target{to("C1"), to("C2"), to("B1"), to("FREE"), some("basic", 150), some("core", 300), {Course: "C2", Exemption: true}}
	courses := []string{"X", "Y", "V", "W", "T"}
	for n := range 5 + r.IntN(5) {
		rule := one(fmt.Sprint("R", n), courses[r.IntN(5)], targets[r.IntN(len(targets))])
		if r.IntN(3) == 0 {
			rule.Sources = append(rule.Sources, []Source{from(courses[r.IntN(5)]), unit("M")}[r.IntN(2)])
		}
		if r.IntN(3) == 0 {
			rule.Targets = append(rule.Targets, targets[r.IntN(len(targets))])
		}
		w.Rules = append(w.Rules, rule)
	}
	w.Rules = append(w.Rules, serving("A", courses[r.IntN(5)], "M"), serving("A2", courses[r.IntN(5)], "M"))
	var records []Record
	for range 5 + r.IntN(5) {
		records = append(records, passed(courses[r.IntN(5)], 6000+100*r.Int64N(30)))
	}
	return w, records
}
