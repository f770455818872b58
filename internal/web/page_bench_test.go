package web

import (
	"net/http"
	"os"
	"testing"

	"creditbank/internal/bank"
)

// BenchmarkPages asks the whole server for pages of the desks and of the public map, in
// a bank that BenchmarkDesk of the package bank has left at CREDITBANK_BENCH_BANK:
// 100,000 courses, 200,000 rules. The figures stand in docs/performance.md.
func BenchmarkPages(b *testing.B) {
	path := os.Getenv("CREDITBANK_BENCH_BANK")
	if path == "" {
		b.Skip("CREDITBANK_BENCH_BANK names no bank")
	}
	s := siteOn(b, "sqlite:"+path, bank.Options{})
	const school = "3100000007"
	anna, rosa := s.staff("anna", administrator), s.staff("rosa", bank.RoleGrant{Role: bank.IsRegistrar, Institution: school})
	for _, ask := range []struct {
		name string
		who  *guest
		path string
	}{
		{"suggest", s.guest(), "/suggest?q=%E4%BC%9A%E8%AE%A1"},
		{"map", s.guest(), "/map"},
		{"map-words", s.guest(), "/map?q=%E4%BC%9A%E8%AE%A1"},
		{"map-school", s.guest(), "/map?to=" + school},
		{"map-specialty", s.guest(), "/map?field=6603"},
		{"pair", s.guest(), "/pairs/3100000007/3100000008"},
		{"courses", rosa, "/school/courses"},
		{"courses-words", rosa, "/school/courses?q=%E4%BC%9A%E8%AE%A1&sort=-credits"},
		{"course", rosa, "/school/courses/3100000007:C0001"},
		{"changes", rosa, "/school/changes"},
		{"evaluations", anna, "/evaluations"},
		{"evaluations-all", anna, "/evaluations?state=published"},
		{"evaluations-words", anna, "/evaluations?state=published&q=%E4%BC%9A%E8%AE%A1"},
		{"evaluations-school", rosa, "/evaluations?state=published"},
		{"comparison", anna, "/evaluations/E00000777@1"},
		{"coverage", anna, "/admin/map/coverage"},
		{"work", anna, "/admin/map/work"},
		{"findings", anna, "/admin/map"},
		{"suggestions", rosa, "/evaluations/suggestions"},
	} {
		b.Run(ask.name, func(b *testing.B) {
			if w := ask.who.get(ask.path); w.Code != http.StatusOK { // and what is worked out once for a map
				b.Fatalf("%d: %s", w.Code, mainOf(w.Body.String()))
			}
			for b.Loop() {
				ask.who.get(ask.path)
			}
		})
	}
}
