package credit_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"creditbank/internal/credit"
)

// quantity is what the five types of number have in common: units of 10^-kept
// that are read with so many places, from least to most units.
type quantity[T ~int64] struct {
	parse       func(string) (T, error)
	err         error
	kept        int
	places      int
	least, most T
}

var (
	amounts = quantity[credit.Amount]{credit.ParseAmount, credit.ErrAmount, 2, 2, 0, 999_999}
	hours   = quantity[credit.Hours]{credit.ParseHours, credit.ErrHours, 4, 2, 0, 999_999_900}
	rates   = quantity[credit.Rate]{credit.ParseRate, credit.ErrRate, 2, 2, 1, 100_000}
	scores  = quantity[credit.Score]{credit.ParseScore, credit.ErrScore, 2, 2, 0, 100_000}
	shares  = quantity[credit.Share]{credit.ParseShare, credit.ErrShare, 4, 4, 0, 10_000}
)

// exact is the slow way to read a plain decimal: by pattern and by fractions.
func exact(s string, kept, places int) (*big.Int, bool) {
	if !regexp.MustCompile(fmt.Sprintf(`\A[0-9]+(\.[0-9]{1,%d})?\z`, places)).MatchString(s) {
		return nil, false
	}
	value, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, false
	}
	value.Mul(value, new(big.Rat).SetInt64(int64(math.Pow10(kept))))
	return value.Num(), value.IsInt()
}

// check compares one parse with the slow way and with what is printed.
func (q quantity[T]) check(t *testing.T, s string) {
	t.Helper()
	got, err := q.parse(s)
	want, ok := exact(s, q.kept, q.places)
	if number, percent := strings.CutSuffix(s, "%"); percent && q.kept == 4 && q.places == 4 {
		want, ok = exact(number, 2, 2)
	}
	ok = ok && want.Cmp(big.NewInt(int64(q.least))) >= 0 && want.Cmp(big.NewInt(int64(q.most))) <= 0
	if !ok {
		if !errors.Is(err, q.err) || got != 0 {
			t.Errorf("%q is read as %d, %v; want 0, %v", s, got, err, q.err)
		}
		return
	}
	if err != nil || int64(got) != want.Int64() {
		t.Errorf("%q is read as %d, %v; want %v", s, got, err, want)
	}
	again, err := q.parse(fmt.Sprint(got))
	if err != nil || again != got {
		t.Errorf("%q prints %v, which is read as %d, %v; want %d", s, got, again, err, got)
	}
}

func (q quantity[T]) fuzz(f *testing.F) {
	for _, s := range texts {
		f.Add(s)
	}
	f.Fuzz(q.check)
}

var texts = []string{
	"0", "00", "4", "4.5", "4.50", "0.25", "0004.5", "9999.99", "9999.991", "10000", "9999.9", "99999.99", "100000", "1000", "1000.00",
	"1000.01", "1", "1.0001", "0.0001", "0.00001", "0.35", "35%", "33.33%", "33.333%", "100%", "100.01%", "0%", "%", "35%%", "35 %", "0.3%",
	"", " ", ".", ".5", "5.", "1..2", "1.2.3", "-1", "+1", "-0", "1,5", "1_000", "1,000", "1e2", "0x10", "NaN", "Inf", " 1", "1 ", "1\n", "\x001",
	"４", "４.５", "4．5", "٤", "四", "½", "9223372036854775807", "9223372036854775808", "92233720368547758080", "18446744073709551616",
	strings.Repeat("0", 50) + "1", strings.Repeat("9", 50), "0." + strings.Repeat("0", 50), "4.5分", "\xff",
}

func TestParse(t *testing.T) {
	for _, s := range texts {
		amounts.check(t, s)
		hours.check(t, s)
		rates.check(t, s)
		scores.check(t, s)
		shares.check(t, s)
	}
}

func TestString(t *testing.T) {
	for _, c := range []struct {
		value fmt.Stringer
		want  string
	}{
		{credit.Amount(450), "4.5"},
		{credit.Amount(400), "4"},
		{credit.Amount(25), "0.25"},
		{credit.Amount(5), "0.05"},
		{credit.Amount(0), "0"},
		{credit.Amount(-50), "-0.5"},
		{credit.Amount(-400), "-4"},
		{credit.MaxAmount, "9999.99"},
		{credit.Amount(math.MaxInt64), "92233720368547758.07"},
		{credit.Amount(math.MinInt64), "-92233720368547758.08"},
		{credit.Hours(720_000), "72"},
		{credit.Hours(41_675), "4.1675"},
		{credit.Hours(1), "0.0001"},
		{credit.Hours(100_000), "10"},
		{credit.Rate(1800), "18"},
		{credit.Rate(1667), "16.67"},
		{credit.Score(8550), "85.5"},
		{credit.Share(3500), "0.35"},
		{credit.Share(3333), "0.3333"},
		{credit.Whole, "1"},
	} {
		if got := c.value.String(); got != c.want {
			t.Errorf("%T(%d) prints %q, want %q", c.value, c.value, got, c.want)
		}
	}
}

func TestText(t *testing.T) {
	type all struct {
		Amount credit.Amount
		Hours  credit.Hours
		Rate   credit.Rate
		Score  credit.Score
		Share  credit.Share
	}
	in := all{450, 720_000, 1667, 8550, 3500}
	text, err := json.Marshal(in)
	if want := `{"Amount":"4.5","Hours":"72","Rate":"16.67","Score":"85.5","Share":"0.35"}`; err != nil || string(text) != want {
		t.Fatalf("Marshal = %s, %v; want %s", text, err, want)
	}
	var out all
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("Unmarshal = %v, %v; want %v", out, err, in)
	}
	for _, c := range []struct {
		value encoding.TextUnmarshaler
		want  error
	}{
		{&out.Amount, credit.ErrAmount},
		{&out.Hours, credit.ErrHours},
		{&out.Rate, credit.ErrRate},
		{&out.Score, credit.ErrScore},
		{&out.Share, credit.ErrShare},
	} {
		if err := c.value.UnmarshalText([]byte("-1")); !errors.Is(err, c.want) {
			t.Errorf("%T from -1: %v, want %v", c.value, err, c.want)
		}
	}
	if out != in {
		t.Errorf("refused texts leave %v, want %v", out, in)
	}
}

func FuzzParseAmount(f *testing.F) { amounts.fuzz(f) }
func FuzzParseHours(f *testing.F)  { hours.fuzz(f) }
func FuzzParseRate(f *testing.F)   { rates.fuzz(f) }
func FuzzParseScore(f *testing.F)  { scores.fuzz(f) }
func FuzzParseShare(f *testing.F)  { shares.fuzz(f) }
