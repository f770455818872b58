package calendar_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"creditbank/internal/calendar"
)

func day(t *testing.T, s string) calendar.Day {
	t.Helper()
	d, err := calendar.Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return d
}

func TestParse(t *testing.T) {
	for s, want := range map[string]calendar.Day{
		"1970-01-01": 0,
		"1969-12-31": -1,
		"1970-12-31": 364,
		"2000-02-29": 11016,
		"2026-09-01": 20697,
		"1900-01-01": -25567,
		"2199-12-31": 84005,
	} {
		if got := day(t, s); got != want {
			t.Errorf("Parse(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		"", " ", "2026", "2026-09", "2026-9-1", "2026-09-1", "26-09-01", "2026/09/01", "20260901",
		"2026-02-29", "1900-02-29", "2100-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00",
		"1899-12-31", "2200-01-01", "0000-01-01", "9999-12-31", " 2026-09-01", "2026-09-01 ",
		"2026-09-01T00:00:00Z", "+026-09-01", "-026-09-01", "2026-09-011", "２０２６-０９-０１", "2026年9月1日", "None",
	} {
		if got, err := calendar.Parse(s); !errors.Is(err, calendar.ErrDay) || got != calendar.None {
			t.Errorf("Parse(%q) = %v, %v; want None, ErrDay", s, got, err)
		}
	}
}

func TestEveryDay(t *testing.T) {
	want := day(t, "1900-01-01")
	at := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; at.Year() <= 2199; at = at.AddDate(0, 0, 1) {
		s := at.Format(time.DateOnly)
		got := day(t, s)
		y, m, d := got.Date()
		if got != want || got.String() != s || calendar.Date(at.Date()) != got || calendar.Date(y, m, d) != got {
			t.Fatalf("%s: Parse = %d, want %d; String = %q; Date = %d-%d-%d", s, got, want, got, y, m, d)
		}
		want++
	}
}

func TestOf(t *testing.T) {
	for instant, want := range map[string]string{
		"2026-08-31T15:59:59.999Z":  "2026-08-31",
		"2026-08-31T16:00:00Z":      "2026-09-01",
		"2026-09-01T00:00:00+08:00": "2026-09-01",
		"2026-08-31T23:30:00-05:00": "2026-09-01",
		"1969-12-31T15:59:59Z":      "1969-12-31",
		"1969-12-31T15:59:59.5Z":    "1969-12-31",
		"1969-12-31T16:00:00Z":      "1970-01-01",
		"1950-05-01T15:59:59Z":      "1950-05-01",
	} {
		at, err := time.Parse(time.RFC3339Nano, instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := calendar.Of(at); got.String() != want {
			t.Errorf("Of(%s) = %s, want %s", instant, got, want)
		}
	}
}

func TestAddYears(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2024-02-29", 1, "2025-02-28"},
		{"2024-02-29", 4, "2028-02-29"},
		{"2024-02-29", -1, "2023-02-28"},
		{"2096-02-29", 4, "2100-02-28"},
		{"1996-02-29", 4, "2000-02-29"},
		{"2024-02-28", 1, "2025-02-28"},
		{"2023-02-28", 1, "2024-02-28"},
		{"2026-09-01", 10, "2036-09-01"},
		{"2026-12-31", 0, "2026-12-31"},
		{"2199-01-01", 1, "2200-01-01"},
	} {
		if got := day(t, c.from).AddYears(c.n); got.String() != c.want {
			t.Errorf("%s + %d years = %s, want %s", c.from, c.n, got, c.want)
		}
	}
	if got := calendar.None.AddYears(3); got != calendar.None {
		t.Errorf("None + 3 years = %d, want None", got)
	}
}

func TestText(t *testing.T) {
	type window struct{ From, To calendar.Day }
	in := window{From: day(t, "2026-09-01"), To: calendar.None}
	text, err := json.Marshal(in)
	if want := `{"From":"2026-09-01","To":""}`; err != nil || string(text) != want {
		t.Fatalf("Marshal = %s, %v; want %s", text, err, want)
	}
	var out window
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("Unmarshal = %v, %v; want %v", out, err, in)
	}
	kept := day(t, "2026-09-01")
	if err := kept.UnmarshalText([]byte("2026-02-30")); !errors.Is(err, calendar.ErrDay) || kept != in.From {
		t.Errorf("UnmarshalText(2026-02-30) = %v and leaves %v, want ErrDay and the day as it was", err, kept)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2026-09-01", "2024-02-29", "1900-01-01", "2199-12-31", "", "2026-9-1", "２０２６-09-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := calendar.Parse(s)
		if err != nil {
			if err != calendar.ErrDay || d != calendar.None {
				t.Fatalf("Parse(%q) = %v, %v", s, d, err)
			}
			return
		}
		if d.String() != s {
			t.Fatalf("Parse(%q) prints %q", s, d)
		}
		later := d.AddYears(1)
		if days := later - d; days != 365 && days != 366 {
			t.Fatalf("%s + 1 year = %s", d, later)
		}
	})
}

// A day begins at midnight at UTC+8.
func TestBegin(t *testing.T) {
	for _, d := range []calendar.Day{calendar.Date(2026, 11, 22), calendar.Date(1969, 12, 31), 0} {
		if begin := d.Begin(); calendar.Of(begin) != d || calendar.Of(begin.Add(-1)) != d-1 {
			t.Errorf("%v begins at %v", d, begin)
		}
	}
}
