package credit_test

import (
	"testing"

	"creditbank/internal/credit"
)

// read is a quantity from a text that must be one.
func read[T any](t *testing.T, parse func(string) (T, error), s string) T {
	t.Helper()
	value, err := parse(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return value
}

func TestRateCredits(t *testing.T) {
	for _, c := range []struct {
		hours, rate, step, want string
	}{
		{"72", "18", "0.5", "4"},
		{"71.99", "18", "0.5", "3.5"},
		{"8.99", "18", "0.5", "0"},
		{"9", "18", "0.5", "0.5"},
		{"64", "16", "1", "4"},
		{"64", "18", "0.5", "3.5"},
		{"64", "18", "0.01", "3.55"},
		{"100", "16.67", "0.25", "5.75"},
		{"16.67", "16.67", "1", "1"},
		{"16.66", "16.67", "1", "0"},
		{"0", "18", "0.5", "0"},
		{"72", "18", "0", "0"},
		{"99999.99", "1000", "0.01", "99.99"},
		{"99999.99", "0.01", "0.01", "9999999"},
		{"0.01", "1000", "9999.99", "0"},
	} {
		h, r, step := read(t, credit.ParseHours, c.hours), read(t, credit.ParseRate, c.rate), read(t, credit.ParseAmount, c.step)
		if got := r.Credits(h, step); got.String() != c.want {
			t.Errorf("%s hours at %s in steps of %s = %s credits, want %s", c.hours, c.rate, c.step, got, c.want)
		}
	}
	if got := credit.Rate(0).Credits(720_000, 50); got != 0 {
		t.Errorf("without a rate: %s credits, want 0", got)
	}
	if got := credit.Rate(1800).Credits(-720_000, 50); got != 0 {
		t.Errorf("of negative hours: %s credits, want 0", got)
	}
}

func TestRateHours(t *testing.T) {
	for _, c := range []struct{ rate, amount, want string }{
		{"18", "4", "72"},
		{"16.67", "0.25", "4.1675"},
		{"16.67", "0.01", "0.1667"},
		{"1000", "9999.99", "9999990"},
		{"18", "0", "0"},
	} {
		got := read(t, credit.ParseRate, c.rate).Hours(read(t, credit.ParseAmount, c.amount))
		if got.String() != c.want {
			t.Errorf("%s credits at %s = %s hours, want %s", c.amount, c.rate, got, c.want)
		}
	}
}

func TestShareOf(t *testing.T) {
	for _, c := range []struct{ share, amount, want string }{
		{"35%", "140", "49"},
		{"0.35", "140", "49"},
		{"33.33%", "140", "46.66"},
		{"0.5", "0.01", "0"},
		{"1", "9999.99", "9999.99"},
		{"0.9999", "9999.99", "9998.99"},
		{"0", "140", "0"},
	} {
		got := read(t, credit.ParseShare, c.share).Of(read(t, credit.ParseAmount, c.amount))
		if got.String() != c.want {
			t.Errorf("%s of %s = %s, want %s", c.share, c.amount, got, c.want)
		}
	}
}

// The conversion is the largest multiple of the step whose hours were there.
func FuzzRateCredits(f *testing.F) {
	f.Add(int64(720_000), int64(1800), int64(50))
	f.Add(int64(719_900), int64(1800), int64(50))
	f.Add(int64(999_999_900), int64(1), int64(1))
	f.Add(int64(1), int64(100_000), int64(999_999))
	f.Fuzz(func(t *testing.T, h, r, s int64) {
		hours := credit.Hours(h)
		rate, step := credit.Rate(r), credit.Amount(s)
		if hours < 0 || hours > credit.MaxHours || rate < 1 || rate > credit.MaxRate || step < 1 || step > credit.MaxAmount {
			t.Skip("outside what is read")
		}
		got := rate.Credits(hours, step)
		if got < 0 || got%step != 0 || rate.Hours(got) > hours || rate.Hours(got+step) <= hours {
			t.Errorf("%s hours at %s in steps of %s = %s credits", hours, rate, step, got)
		}
		if back := rate.Credits(rate.Hours(got), step); back != got {
			t.Errorf("%s credits there and back are %s", got, back)
		}
	})
}
