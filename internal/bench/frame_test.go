package bench

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

func TestMedianAndQuantile(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}, {[]float64{7}, 7}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v: got %v, want %v", c.values, got, c.want)
		}
	}
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	for share, want := range map[float64]float64{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		if got := quantile(hundred, share); got != want {
			t.Errorf("quantile %v: got %v, want %v", share, got, want)
		}
	}
	if !math.IsNaN(median(nil)) || !math.IsNaN(quantile(nil, 0.5)) {
		t.Error("nothing has a middle")
	}
	if got := exponent(2); got != 1 {
		t.Errorf("what doubles when its cause does grows with %v", got)
	}
}

// fixed gives what was written down, in turn, and notes who was asked.
func fixed(order *strings.Builder, name string, values ...float64) timed {
	n := 0
	return func() (float64, error) {
		order.WriteString(name)
		n++
		return values[(n-1)%len(values)], nil
	}
}

func TestPairsAreInterleaved(t *testing.T) {
	var order strings.Builder
	s, err := interleave(t.Context(), byCPU, 3, fixed(&order, "A", 9, 1, 2, 4), fixed(&order, "B", 9, 3, 4, 8))
	if err != nil {
		t.Fatal(err)
	}
	if order.String() != "ABABABAB" {
		t.Errorf("the sides were asked in the order %s; the first of each warms up", order.String())
	}
	row := Row{Must: atLeast(2)}.of(s)
	if row.Value != 2 || row.Low != 2 || row.High != 3 || row.Pairs != 3 {
		t.Errorf("got %v from %v to %v of %d pairs, want 2 from 2 to 3 of 3", row.Value, row.Low, row.High, row.Pairs)
	}
}

func TestPairsThatLieApartSayNothing(t *testing.T) {
	var order strings.Builder
	s, err := interleaveWarm(t.Context(), byCPU, 2, fixed(&order, "A", 1, 1), fixed(&order, "B", 1, 2.6))
	if err != nil {
		t.Fatal(err)
	}
	if s.Disturbed == "" {
		t.Error("pairs of 1 and 2.6 are taken for one figure")
	}
}

func TestAFailingSideEndsTheRun(t *testing.T) {
	broken := errors.New("broken")
	_, err := interleave(t.Context(), byWall, 2, wall(func() error { return nil }), wall(func() error { return broken }))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var order strings.Builder
	if _, err := interleaveWarm(ctx, byWall, 9, fixed(&order, "A", 1), fixed(&order, "B", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v after a stop", err)
	}
}

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		row  Row
		want Verdict
	}{
		"aim":          {Row{Value: 61, Must: atLeast(30), Aim: atLeast(60)}, Aim},
		"must":         {Row{Value: 30, Must: atLeast(30), Aim: atLeast(60)}, Must},
		"missed":       {Row{Value: 29.9, Must: atLeast(30), Aim: atLeast(60)}, Missed},
		"at most":      {Row{Value: 65, Must: atMost(64), Aim: atMost(40)}, Missed},
		"at most, aim": {Row{Value: 40, Must: atMost(64), Aim: atMost(40)}, Aim},
		"shown":        {Row{Value: 1}, Shown},
		"inconclusive": {Row{Value: 1, Must: atLeast(30), Disturbed: "others"}, Inconclusive},
		"wrong":        {Row{Value: 61, Must: atLeast(30), Faults: []string{"x"}, Disturbed: "others"}, Wrong},
		"not measured": {Row{Must: atLeast(30)}.lacking("no solver"), NotMeasured},
	} {
		if got := c.row.judged().Verdict; got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// Only what was missed or wrong fails a run; what says nothing does not.
func TestFailedRows(t *testing.T) {
	var r Report
	for id, row := range map[string]Row{
		"A": {Value: 1, Must: atLeast(2)}, "B": {Value: 3, Must: atLeast(2)}, "C": {Value: 1, Must: atLeast(2), Disturbed: "others"},
	} {
		row.ID = id
		r.Rows = append(r.Rows, row.judged())
	}
	if failed := r.Failed(); len(failed) != 1 || failed[0] != "A" {
		t.Errorf("got %v, want A alone", failed)
	}
}

func TestLoadOfOthersDisturbs(t *testing.T) {
	for _, c := range []struct {
		others, stolen float64
		want           bool
	}{{0.1, 0, false}, {0.16, 0, true}, {0.1, 0.1, true}, {0, 0.2, true}, {-0.01, 0, false}} {
		if got := judgeLoad(c.others, c.stolen) != ""; got != c.want {
			t.Errorf("others %v, host %v: disturbed %v", c.others, c.stolen, got)
		}
	}
	busy, stolen, err := parseLoad("cpu  100 20 30 5000 70 4 6 50 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n")
	if err != nil || busy != 1.6 || stolen != 0.5 {
		t.Errorf("got %v busy, %v stolen, %v", busy, stolen, err)
	}
	if _, _, err := parseLoad("intr 1 2 3"); err == nil {
		t.Error("another file is taken for /proc/stat")
	}
}

func TestReportIsForPeopleAndPrograms(t *testing.T) {
	s := Series{Ratios: []float64{41.5, 40, 43}}
	row := Row{ID: "E1", What: "ranking", Beside: "SQL", Unit: "×", Must: atLeast(30), Aim: atLeast(60)}.of(s)
	row.note("%s a learner", took(0.0021))
	r := Report{Group: "engine", Scale: CI, Seed: 1, Machine: "here", Rows: []Row{row.judged(), Row{ID: "P1", Must: atLeast(100)}.lacking("no solver").judged()}}
	var text strings.Builder
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"E1", "41.5 ×", "40 … 43", "≥ 30", "≥ 60", "must", "2.10 ms a learner", "not measured", "no solver"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, text.String())
		}
	}
	document, err := json.Marshal(r)
	var back Report
	if err != nil || json.Unmarshal(document, &back) != nil || back.Rows[0].Verdict != Must || back.Rows[0].Value != 41.5 {
		t.Errorf("got %s, %v", document, err)
	}
}
