package transfer_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/transfer"
)

var update = flag.Bool("update", false, "answer the kept decisions again and keep the answers, or make them where there are none")

// The kept decisions, and what they came to in words: a change of what the engine
// means shows in the second as lines that differ, to be confirmed by whoever
// changes it.
const (
	decisionsFile = "testdata/decisions.jsonl.gz"
	summaryFile   = "testdata/decisions.txt"
	decisions     = 1_000
)

// Decisions that were kept come out the same.
func TestKeptDecisions(t *testing.T) {
	if *update {
		updateDecisions(t)
	}
	cases := readDecisions(t)
	if len(cases) != decisions {
		t.Fatalf("%d decisions", len(cases))
	}
	var summary strings.Builder
	for i, c := range cases {
		a, differences := c.Replay()
		for _, d := range differences {
			t.Errorf("decision %d: %s was %s and is %s", i, d.Path, d.Kept, d.Got)
		}
		summary.WriteString(summarised(i, &a))
	}
	kept, err := os.ReadFile(summaryFile)
	if err != nil || summary.String() != string(kept) {
		t.Errorf("%s says otherwise (%v); if the engine is to mean something else, run with -update and confirm each line that differs", summaryFile, err)
	}
}

// summarised is a decision in one line.
func summarised(i int, a *transfer.Answer) string {
	var words []string
	for _, item := range a.Items {
		words = append(words, fmt.Sprintf("%s/%d=%s", item.Rule.Code, item.Rule.Version, item.Credits))
	}
	words = append(words, "|")
	for _, r := range a.Records {
		words = append(words, string(r.Reasons[0].Code))
	}
	return fmt.Sprintf("%04d %s+%s/%s %s\n", i, a.Earned, a.Applied, a.Transferable, strings.Join(words, " "))
}

func readDecisions(t *testing.T) []transfer.Case {
	t.Helper()
	file, err := os.Open(decisionsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []transfer.Case
	for lines := json.NewDecoder(bufio.NewReader(unzipped)); ; {
		var c transfer.Case
		switch err := lines.Decode(&c); {
		case errors.Is(err, io.EOF):
			return cases
		case err != nil:
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
}

// updateDecisions answers the kept questions again; where none are kept they are
// drawn from random worlds.
func updateDecisions(t *testing.T) {
	var cases []transfer.Case
	if _, err := os.Stat(decisionsFile); err == nil {
		cases = readDecisions(t)
	} else {
		cases = drawDecisions(t)
	}
	var zipped strings.Builder
	var summary strings.Builder
	zip, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	lines := json.NewEncoder(zip)
	for i := range cases {
		cases[i].Answer, _ = cases[i].Replay()
		if err := lines.Encode(cases[i]); err != nil {
			t.Fatal(err)
		}
		summary.WriteString(summarised(i, &cases[i].Answer))
	}
	if err := errors.Join(zip.Close(), os.MkdirAll("testdata", 0o755), os.WriteFile(decisionsFile, []byte(zipped.String()), 0o644),
		os.WriteFile(summaryFile, []byte(summary.String()), 0o644)); err != nil {
		t.Fatal(err)
	}
	if zipped.Len() > 1_500_000 {
		t.Errorf("%d bytes", zipped.Len())
	}
}

// drawDecisions are decisions of random worlds, every feature on, and some larger ones.
func drawDecisions(t *testing.T) []transfer.Case {
	const large = 10
	var cases []transfer.Case
	for seed := uint64(1_000_000); len(cases) < decisions-large; seed++ {
		w := randomWorld(seed)
		p := w.facts.Programmes[seed%uint64(len(w.facts.Programmes))]
		c := w.freeze(t, p.ProgrammeKey)
		if len(c.Facts.Rules) > 0 {
			cases = append(cases, c)
		}
	}
	for seed := range uint64(large) {
		w := hardWorld(seed)
		cases = append(cases, w.freeze(t, w.facts.Programmes[0].ProgrammeKey))
	}
	return cases
}

func (w *world) freeze(t *testing.T, to transfer.ProgrammeKey) transfer.Case {
	t.Helper()
	c, known := transfer.Compile(w.facts).Freeze(to, w.records, w.asOf)
	if !known {
		t.Fatalf("no programme %v", to)
	}
	return c
}

// A frozen question has the same answer without the rest of the bank, also after
// it was written and read, and the order of rows has no part in it.
func TestFrozenIsTheWholeQuestion(t *testing.T) {
	inShards(t, 1_500, func(t *testing.T, seed uint64) {
		w := randomWorld(seed)
		for _, p := range w.facts.Programmes {
			c := w.freeze(t, p.ProgrammeKey)
			if _, differences := c.Replay(); len(differences) > 0 {
				t.Errorf("seed %d, %v: %v", seed, p.ProgrammeKey, differences)
			}
			written := inJSON(t, c)
			var read transfer.Case
			if err := json.Unmarshal([]byte(written), &read); err != nil {
				t.Fatal(err)
			}
			if again := inJSON(t, read); again != written {
				t.Errorf("seed %d: read and written:\n%s\n%s", seed, again, written)
			}
			if _, differences := read.Replay(); len(differences) > 0 {
				t.Errorf("seed %d, %v, when read: %v", seed, p.ProgrammeKey, differences)
			}
			s, _ := w.shuffled(rand.New(rand.NewPCG(seed, 13)))
			s.records = w.records
			if other := inJSON(t, s.freeze(t, p.ProgrammeKey)); other != written {
				t.Errorf("seed %d, in another order:\n%s\n%s", seed, other, written)
			}
		}
	})
}

func inJSON(t *testing.T, c transfer.Case) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A case that was tampered with is told, and what is other in it.
func TestReplayNamesWhatDiffers(t *testing.T) {
	freeze := func() transfer.Case {
		s := draw(t)
		s.rule("E1", "S:A", "T1=4")
		s.rule("E2", "S:B>=75", "T2")
		s.record("S:A 80 2026-01-15")
		s.record("S:B 68 2026-01-15")
		return s.freeze(t, s.facts.Programmes[0].ProgrammeKey)
	}
	for _, c := range []struct {
		name   string
		tamper func(*transfer.Case)
		want   string
	}{
		{"nothing", func(*transfer.Case) {}, ""},
		{"a credit of the answer", func(c *transfer.Case) { c.Answer.Items[0].Credits = 450 }, `items[0].credits "4.5" "4"`},
		{"a credit of a rule", func(c *transfer.Case) { c.Facts.Rules[0].Targets[0].Credits = 300 },
			`applied "4" "3"; bound_applied "4" "3"; bound_transferable "4" "3"; groups[0].applied "4" "3"; groups[0].missing "2" "3"; ` +
				`items[0].awards[0].credits "4" "3"; items[0].credits "4" "3"; missing "16" "17"; transferable "4" "3"`},
		{"a grade", func(c *transfer.Case) { c.Facts.Rules[1].Sources[0].Min = 7000 }, `records[1].reasons[0].needed "75" "70"`},
		{"an item less", func(c *transfer.Case) { c.Answer.Items = nil }, `items[0]  {"awards":[{"course":"T1","credits":"4","group":"core"}],"credits":"4","equivalence":"E1","records":[0],"version":1}`},
		{"a fact that cannot be", func(c *transfer.Case) { c.Facts.Rules[1].Sources[0].Code = "X" },
			`records[1].reasons[0].code "grade_below" "no_rule"; records[1].reasons[0].got "68" ; records[1].reasons[0].needed "75" ; ` +
				`records[1].reasons[0].rule {"equivalence":"E2","version":1} ; records[1].state "conditional" "not_evaluated"; ` +
				`rules[E2/1].source_course  "unknown"`},
		{"another programme", func(c *transfer.Case) { c.Facts.Programmes = nil }, "*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			frozen := freeze()
			c.tamper(&frozen)
			_, differences := frozen.Replay()
			var told []string
			for _, d := range differences {
				told = append(told, d.Path+" "+d.Kept+" "+d.Got)
			}
			if got := strings.Join(told, "; "); got != c.want && !(c.want == "*" && len(told) > 0) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What is no case is refused.
func TestCaseIsRefused(t *testing.T) {
	s := draw(t)
	s.rule("E1", "S:A", "T1")
	s.record("S:A 80 2026-01-15")
	good := inJSON(t, s.freeze(t, s.facts.Programmes[0].ProgrammeKey))
	for _, bad := range []string{`{}`, `[]`, `{"format":2}`, strings.Replace(good, `"as_of"`, `"asof"`, 1), strings.Replace(good, `"80"`, `"a"`, 1)} {
		var c transfer.Case
		if err := json.Unmarshal([]byte(bad), &c); !errors.Is(err, transfer.ErrCase) {
			t.Errorf("%.60s: %v", bad, err)
		}
	}
	if _, known := transfer.Compile(s.facts).Freeze(transfer.ProgrammeKey{Institution: "no", Code: "no"}, s.records, s.asOf); known {
		t.Error("an unknown programme is frozen")
	}
}

// A case holds what its answer depends on and nothing else.
func TestFrozenFactsAreTheFew(t *testing.T) {
	s := draw(t)
	s.rule("E1", "U:U1", "T1")
	s.rule("E2", "S:D", "T2")
	s.rule("F1", "S:A", "U:U1")
	s.rule("F2", "S:B", "U:U2")
	s.record("S:A 80 2026-01-15")
	s.policy(transfer.Policy{Place: transfer.Place{Scope: transfer.ScopeBank}, From: 10, MinGrade: 6000, Validity: -1, MaxRise: -1})
	s.policy(transfer.Policy{Place: transfer.Place{Scope: transfer.ScopeBank}, From: 20, MinGrade: 6500, Validity: -1, MaxRise: -1})
	s.policy(transfer.Policy{Place: transfer.Place{Scope: transfer.ScopeInstitution, Institution: sender}, From: 20, MinGrade: 6500, Validity: -1, MaxRise: -1})
	f := s.freeze(t, s.facts.Programmes[0].ProgrammeKey).Facts
	var got []string
	for _, r := range f.Rules {
		got = append(got, r.Code)
	}
	for _, in := range f.Institutions {
		got = append(got, in.Code)
	}
	for _, c := range f.Courses {
		got = append(got, c.Institution+":"+c.Code)
	}
	for _, p := range f.Policies {
		got = append(got, p.MinGrade.String())
	}
	want := strings.Fields("E1 F1 H S U H:T1 H:T2 H:T3 H:T4 H:THESIS S:A U:U1 65")
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
