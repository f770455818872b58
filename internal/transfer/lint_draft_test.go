package transfer_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// draft takes the last rule out of the facts and looks at it as a draft.
func (s *sketch) draft() (blocking, warnings string) {
	last := len(s.facts.Rules) - 1
	r := s.facts.Rules[last]
	s.facts.Rules = s.facts.Rules[:last]
	b, w := transfer.Compile(s.facts).LintRule(r, s.asOf)
	return tellFindings(b), tellFindings(w)
}

func tellFindings(found []transfer.Finding) string {
	var list []string
	for _, f := range found {
		text := string(f.Class)
		for _, r := range f.Rules {
			text += " " + r.Code
		}
		list = append(list, text)
	}
	return strings.Join(list, ",")
}

// What stops a rule from being published, and what is only said.
func TestLintRule(t *testing.T) {
	for _, c := range []struct {
		name              string
		draw              func(s *sketch) // the last rule is the draft
		blocking, warning string
	}{
		{"sound", func(s *sketch) { s.rule("E1", "S:B", "T2"); s.rule("E2", "S:A", "T1") }, "", ""},
		{"an unknown course", func(s *sketch) { s.rule("E2", "S:NONE", "T1") }, "fault E2", ""},
		{"says what another says", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.rule("E2", "S:A", "T1") }, "duplicate E1 E2", ""},
		{"contradicts another", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.rule("E2", "S:A", "T2") }, "ambiguous E1 E2", ""},
		{"a choice with an order", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.rule("E2", "S:A", "T2").Priority = 1 }, "", "ambiguous E1 E2"},
		{"bands that overlap", func(s *sketch) { s.rule("E1", "S:A<=80", "T1"); s.rule("E2", "S:A>=75", "T2") }, "band_overlap E1 E2", ""},
		{"refuses what another gives", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.rule("E2", "S:A", "T1").Outcome = transfer.Refused
		}, "contradiction E1 E2", ""},
		{"refuses all of what another gives", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.rule("E2", "S:A", "").Outcome = transfer.Refused
		}, "contradiction E1 E2", ""},
		{"refuses something else", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.rule("E2", "S:A", "T2").Outcome = transfer.Refused
		}, "", ""},
		{"the next version of the same", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			r := s.rule("E1", "S:A", "T2")
			r.Version, r.From = 2, s.day("2026-10-01")
		}, "", ""},
		{"the next version beside another", func(s *sketch) {
			s.rule("E0", "S:A", "T1")
			s.rule("E1", "S:B", "T1")
			r := s.rule("E1", "S:A", "T1")
			r.Version, r.From = 2, s.day("2026-10-01")
		}, "duplicate E0 E1", ""},
		{"never serves", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.rule("E2", "S:A S:B", "T1") }, "dominated E2 E1", ""},
		{"leaves another nothing to serve", func(s *sketch) { s.rule("E1", "S:A S:B", "T1"); s.rule("E2", "S:A", "T1") }, "", "dominated E1 E2"},
		{"over a cap", func(s *sketch) { s.cap(transfer.CapTotal, "", 300); s.rule("E1", "S:A", "T1") }, "over_cap E1", ""},
		{"thesis of the programme", func(s *sketch) { s.rule("E1", "S:A", "THESIS").Programme = "P1" }, "never_exempt E1", ""},
		{"thesis in some programme", func(s *sketch) { s.rule("E1", "S:A", "THESIS") }, "", "never_exempt E1"},
		{"over before the course began", func(s *sketch) {
			s.course("S:A").From = s.day("2025-01-01")
			s.rule("E1", "S:A", "T1").To = s.day("2024-01-01")
		}, "window_outside E1", ""},
		{"begins before the course", func(s *sketch) {
			s.course("S:A").From = s.day("2025-01-01")
			s.rule("E1", "S:A", "T1").From = s.day("2024-01-01")
		}, "", "window_outside E1"},
		{"more than the source", func(s *sketch) { s.rule("E1", "S:A", "T1=5") }, "", "credits_above_source E1"},
		{"closes a circle that grows", func(s *sketch) {
			s.rule("E1", "H:T1", "T2")
			s.rule("E2", "H:T2", "T3=5").Note = "实训"
			s.rule("E3", "H:T3", "T1")
		}, "", "cycle E2 E3 E1"},
		{"comes back with fewer", func(s *sketch) { s.rule("E1", "H:T1", "T2"); s.rule("E2", "H:T2", "T1=3") }, "", "mirror E1 E2"},
		{"a certificate of which nothing is known", func(s *sketch) { s.rule("E1", "Z:C1", "T1") }, "", "certificate,certificate,certificate E1"},
		{"unit to unit and back", func(s *sketch) { s.rule("E1", "U:U1", "U:U2"); s.rule("E2", "U:U2", "U:U1") }, "fault E2", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := draw(t)
			c.draw(s)
			if blocking, warning := s.draft(); blocking != c.blocking || warning != c.warning {
				t.Errorf("blocks %q, warns %q; want %q, %q", blocking, warning, c.blocking, c.warning)
			}
		})
	}
}

// What is found of a rule in the whole map is found of it as a draft. Circles have
// several ways round, and rules that never serve several that come first: of these
// one is enough.
func TestLintRuleAgreesWithTheWholeMap(t *testing.T) {
	looked := 0
	for seed := range uint64(150) {
		w := randomWorld(seed)
		whole := transfer.Compile(w.facts).Lint(w.asOf)
		for i, r := range w.facts.Rules {
			others := w.facts
			others.Rules = slices.Delete(slices.Clone(w.facts.Rules), i, i+1)
			if slices.ContainsFunc(others.Rules, func(o transfer.Rule) bool { return o.Code == r.Code }) {
				continue
			}
			blocking, warnings := transfer.Compile(others).LintRule(r, w.asOf)
			got, want := about(r.RuleRef, slices.Concat(blocking, warnings)), about(r.RuleRef, whole)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, rule %+v:\n got %+v\nwant %+v", seed, r, got, want)
			}
			looked += len(want)
		}
	}
	if looked < 500 {
		t.Errorf("only %d findings to compare", looked)
	}
}

// about are the findings that name a rule, by what they say, without those that the
// whole map says of another.
func about(ref transfer.RuleRef, found []transfer.Finding) map[string]int {
	list := map[string]int{}
	for _, f := range found {
		if f.Class == transfer.LintDominated && f.Rules[0] != ref {
			continue
		}
		if f.Class != transfer.LintCycle && slices.Contains(f.Rules, ref) {
			list[tellFindings([]transfer.Finding{f})+" "+f.Course.Code+" "+f.Field+" "+f.Code]++
		}
	}
	return list
}

// BenchmarkLintRule looks at a draft in a map of 100,000 rules.
func BenchmarkLintRule(b *testing.B) {
	w := mediumWorld(1)
	m := transfer.Compile(w.facts)
	draft := w.facts.Rules[5000]
	draft.Code, draft.From = "E-DRAFT", calendar.None
	for b.Loop() {
		if blocking, _ := m.LintRule(draft, w.asOf); len(blocking) == 0 {
			b.Fatal("the same rule twice is not found")
		}
	}
}
