package oracle

import "testing"

func TestUnits(t *testing.T) {
	a, b := serving("A", "X", "M"), serving("A2", "Y", "N")
	wide := one("A", "X", to("M"), to("N"))
	wide.Institution = "U"
	b1 := rule("B", []Source{unit("M")}, to("C1"))
	b2 := rule("B", []Source{unit("M"), unit("N")}, to("C1"))
	records := []Record{passed("X", 7000), passed("Y", 7000)}
	narrow := func(r *Rule) { r.From = day("2024-07-01") }
	short := func(r *Rule) { r.Validity = 1 }
	bands := func(n int64) Rule { return rule("B", []Source{{"U", "M", n, -1}}, to("C1")) }
	above := rule("B", []Source{unit("M"), from("X")}, to("C1"))
	const none, hit = "0/0 e0 r0 [[]]", "400/400 e0 r1 [[B/1+A/1]]"
	for _, s := range []scene{
		{"once through a unit", []Rule{a, b1}, records, nil, hit},
		{"not through a school", []Rule{with(a, func(r *Rule) { r.Institution = "S" }), rule("B", []Source{from("M")}, to("C1"))}, records, nil, none},
		{"never twice", []Rule{serving("A", "X", "L"), with(serving("A2", "", "M"), func(r *Rule) { r.Sources = []Source{unit("L")} }), b1}, records, nil, none},
		{"a unit of one's own", []Rule{b1}, []Record{in(passed("M", 6000), "U")}, nil, "400/400 e0 r1 [[B/1]]"},
		{"two rules, two units", []Rule{a, b, b2}, records, nil, "400/400 e0 r2 [[B/1+A/1+A2/1]]"},
		{"one rule, two units: its sources once", []Rule{wide, b2}, records, nil, hit},
		{"one result cannot make two units by two rules", []Rule{a, serving("A2", "X", "N"), b2}, records, nil, none},
		{"nor stand beside the unit it makes", []Rule{a, above}, records, nil, none},
		{"the outer window holds too", []Rule{a, with(b1, narrow)}, records, nil, none},
		{"the inner window holds too", []Rule{with(a, narrow), b1}, records, nil, none},
		{"the outer validity holds too", []Rule{with(a, func(r *Rule) { r.Validity = 9 }), with(b1, short)}, records, nil, none},
		{"the inner validity holds too", []Rule{with(a, short), b1}, records, nil, none},
		{"the outer band, met", []Rule{a, bands(7000)}, records, nil, hit},
		{"the outer band, missed", []Rule{a, bands(7001)}, records, nil, none},
		{"the inner rule is refused", []Rule{with(a, func(r *Rule) { r.Outcome = "refused" }), b1}, records, nil, none},
		{"the inner rule is for one programme", []Rule{with(a, func(r *Rule) { r.Programme = "P" }), b1}, records, nil, none},
		{"one rule once, however it is served", []Rule{a, serving("A2", "Y", "M"), rule("B", []Source{unit("M")}, some("core", 100))}, records, nil,
			"100/100 e0 r1 [[B/1+A/1] [B/1+A2/1]]"},
		{"caps look at the record", []Rule{a, b1}, records, func(w *World) {
			w.Caps = []Cap{{"bank", "", "", Open, "source_institution", "S", 0, -1}}
		}, none},
		{"and not at the unit", []Rule{a, b1}, records, func(w *World) {
			w.Caps = []Cap{{"bank", "", "", Open, "source_institution", "U", 0, -1}}
		}, hit},
	} {
		s.run(t)
	}
}

func TestBestRecordIsBound(t *testing.T) {
	records := []Record{passed("X", 7000), at(passed("X", 9000), "2024-01-01"), at(passed("X", 9000), "2024-05-01"), passed("X", 9900)}
	w := school()
	w.Rules = []Rule{rule("R", []Source{band("X", 6000, 9500)}, to("C1"))}
	for i, want := range []string{
		"item 0, rule R/1: records [0] claimed, the rule consumes [2]",
		"item 0, rule R/1: records [1] claimed, the rule consumes [2]",
		"",
		"item 0, rule R/1: records [3] claimed, the rule consumes [2]",
	} {
		if got := words(Check(w, 0, records, asOf, []Chosen{{"R", 1, nil, []int{i}, 400}})); got != want {
			t.Errorf("record %d: got %q, want %q", i, got, want)
		}
	}
}
