package oracle

import "testing"

func TestCaps(t *testing.T) {
	rules := []Rule{one("R", "X", to("C1")), one("Q", "Y", to("C2")), rule("Z", []Source{{"Z", "W", -1, -1}}, to("B1"))}
	cert := in(passed("W", 0), "Z")
	cert.Kind, cert.Graded = "certificate", false
	records := []Record{passed("X", 6000), passed("Y", 6000), cert}
	caps := func(list ...Cap) func(*World) { return func(w *World) { w.Caps = list } }
	bank := func(cap, key string, credits, share int64) Cap {
		return Cap{"bank", "", "", Open, cap, key, credits, share}
	}
	own := func(scope string, credits int64) Cap { return Cap{scope, "H", "P", Open, "total", "", credits, -1} }
	later := bank("total", "", 300, -1)
	later.From = asOf
	future := later
	future.From, future.Credits = asOf+1, 0
	const all = "900/900 e0 r3 [[Q/1 R/1 Z/1]]"
	mixed := []Rule{rule("R", []Source{from("X"), {"Z", "W", -1, -1}}, to("C1")), one("Q", "Y", to("C2"))}
	for _, s := range []scene{
		{"none", rules, records, nil, all},
		{"met exactly", rules, records, caps(bank("total", "", 900, -1)), all},
		{"credits are not cut", rules, records, caps(bank("total", "", 899, -1)), "700/700 e0 r2 [[Q/1 R/1]]"},
		{"share, rounded down", rules, records, caps(bank("total", "", -1, 599)), "500/500 e0 r2 [[Q/1 Z/1]]"},
		{"a number and a share", rules, records, caps(bank("total", "", 900, 599)), "500/500 e0 r2 [[Q/1 Z/1]]"},
		{"group", rules, records, caps(bank("group", "core", 400, -1)), "600/600 e0 r2 [[R/1 Z/1]]"},
		{"source kind", rules, records, caps(bank("source_kind", "certificate", 0, -1)), "700/700 e0 r2 [[Q/1 R/1]]"},
		{"a blank kind is a course", rules, records, caps(bank("source_kind", "course", 300, -1)), "500/500 e0 r2 [[Q/1 Z/1]]"},
		{"source institution", rules, records, caps(bank("source_institution", "S", 0, -1)), "200/200 e0 r1 [[Z/1]]"},
		{"kind of institution", rules, records, caps(bank("source_institution_kind", "assessment_body", 100, -1)), "700/700 e0 r2 [[Q/1 R/1]]"},
		{"any source in the scope counts the rule", mixed, records, caps(bank("source_kind", "certificate", 300, -1)), "300/300 e0 r1 [[Q/1]]"},
		{"the narrower scope replaces", rules, records, caps(own("programme", 700), bank("total", "", 200, -1), own("institution", 300)), "700/700 e0 r2 [[Q/1 R/1]]"},
		{"another key stays", rules, records, caps(own("programme", 900), bank("group", "core", 300, -1)), "500/500 e0 r2 [[Q/1 Z/1]]"},
		{"lifted", rules, records, caps(own("programme", -1), bank("total", "", 200, -1)), all},
		{"the latest that has started", rules, records, caps(future, later, bank("total", "", 900, -1)), "300/300 e0 r1 [[Q/1]]"},
	} {
		s.run(t)
	}
}

func TestCreditModes(t *testing.T) {
	source := Target{Course: "C1", Mode: "source"}
	hours := passed("X", 6000)
	hours.Hours = 720000 // 72 h: 4.0 credits of 18 h
	plain := passed("X", 6000)
	plain.Credits = 0
	version := func(from, to string, credits int64) Course {
		return Course{"H", "C1", day(from), day(to), credits, 0, 0}
	}
	versions := func(list ...Course) func(*World) {
		return func(w *World) { w.Courses = append(list, w.Courses[1:]...) }
	}
	sent := func(c Course) func(*World) {
		return func(w *World) { c.Institution, c.Code = "S", "X"; w.Courses = append(w.Courses, c) }
	}
	old, now := version("2020-01-01", "2024-12-31", 100), version("2025-01-01", "2030-01-01", 200)
	next := version("2027-01-01", "2030-01-01", 500)
	rules, list := []Rule{one("R", "X", source)}, []Rule{one("R", "X", to("C1"))}
	one1 := []Record{passed("X", 6000)}
	for _, s := range []scene{
		{"fixed", []Rule{one("R", "X", Target{Course: "C1", Mode: "fixed", Credits: 50})}, one1, nil, "50/50 e0 r1 [[R/1]]"},
		{"fixed 0", []Rule{one("R", "X", Target{Course: "C1", Mode: "fixed"})}, one1, nil, "0/0 e0 r0 [[]]"},
		{"credits times rate, rounded down: 64 h", rules, one1, nil, "350/350 e0 r1 [[R/1]]"},
		{"the record's hours first", rules, []Record{hours}, nil, "400/400 e0 r1 [[R/1]]"},
		{"the course's hours: 40 h", rules, []Record{plain}, sent(Course{From: Open, To: Open, Hours: 400000, Credits: 900}), "200/200 e0 r1 [[R/1]]"},
		{"the course's credits: 80 h", rules, []Record{plain}, sent(Course{From: Open, To: Open, Credits: 500}), "400/400 e0 r1 [[R/1]]"},
		{"hours are summed before rounding: 128 h", []Rule{rule("R", []Source{from("X"), from("Y")}, source)}, []Record{one1[0], passed("Y", 6000)}, nil, "700/700 e0 r2 [[R/1]]"},
		{"version in force", list, one1, versions(old, now, next), "200/200 e0 r1 [[R/1]]"},
		{"none in force: the latest started", list, one1, versions(next, old), "100/100 e0 r1 [[R/1]]"},
		{"none started: the earliest", list, one1, versions(version("2029-01-01", "2030-01-01", 900), next), "500/500 e0 r1 [[R/1]]"},
	} {
		s.run(t)
	}
}

func TestPolicyAndLevels(t *testing.T) {
	rise := func(n int, level int) func(*World) {
		return func(w *World) {
			w.Courses[0].Level = level
			w.Policies = []Policy{{"bank", "", "", Open, -1, -1, n}}
		}
	}
	low, high := passed("X", 6000), passed("Y", 6000)
	low.Level, high.Level = 3, 4
	rules := []Rule{one("R", "X", to("C1"))}
	bridged := []Rule{rule("R", []Source{from("X"), from("Y")}, to("C1"))}
	policies := func(list ...Policy) func(*World) { return func(w *World) { w.Policies = list } }
	const none, hit = "0/0 e0 r0 [[]]", "400/400 e0 r1 [[R/1]]"
	old := []Record{at(passed("X", 7000), "2023-01-01")}
	for _, s := range []scene{
		{"a rise as allowed", rules, []Record{low}, rise(1, 4), hit},
		{"a rise too far", rules, []Record{low}, rise(1, 5), none},
		{"no rise at all", rules, []Record{low}, rise(0, 4), none},
		{"a bridge", bridged, []Record{low, high}, rise(1, 5), "400/400 e0 r2 [[R/1]]"},
		{"a bridge before the rest", bridged, []Record{high, low}, rise(1, 5), "400/400 e0 r2 [[R/1]]"},
		{"unknown levels do not gate", rules, []Record{passed("X", 6000)}, rise(0, 5), hit},
		{"validity of the policy", rules, old, policies(Policy{"bank", "", "", Open, -1, 3, -1}), none},
		{"narrower over wider, field by field", rules, old, policies(
			Policy{"programme", "H", "P", Open, -1, 5, -1}, Policy{"bank", "", "", Open, 7000, 3, -1}), hit},
		{"a blank field inherits", rules, old, policies(
			Policy{"institution", "H", "", Open, -1, 5, -1}, Policy{"bank", "", "", Open, 7001, 3, -1}), none},
		{"the latest of a scope as a whole", rules, old, policies(
			Policy{"bank", "", "", asOf, 6000, -1, -1}, Policy{"bank", "", "", asOf - 1, 9000, 1, -1}), hit},
		{"policy of another institution", rules, old, policies(Policy{"institution", "S", "", Open, 9900, -1, -1}), hit},
	} {
		s.run(t)
	}
}

func TestAddYears(t *testing.T) {
	for _, c := range []struct {
		from  string
		years int
		want  string
	}{{"2024-02-29", 1, "2025-02-28"}, {"2024-02-29", 4, "2028-02-29"}, {"2023-02-28", 1, "2024-02-28"}, {"1969-12-31", 1, "1970-12-31"}} {
		if got := addYears(day(c.from), c.years); got != day(c.want) {
			t.Errorf("%s and %d years: day %d, want %s", c.from, c.years, got, c.want)
		}
	}
}
