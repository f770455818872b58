package code_test

import (
	"errors"
	"strings"
	"testing"

	"creditbank/internal/code"
)

// faults are all the errors of the package; no parser may give another.
var faults = []error{code.ErrLength, code.ErrCharacter, code.ErrKind, code.ErrRegion, code.ErrDate, code.ErrCheckDigit}

func isFault(err error) bool {
	for _, fault := range faults {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
}

// refuse checks that each text gives the error it stands under.
func refuse[T comparable](t *testing.T, parse func(string) (T, error), texts map[string]error) {
	t.Helper()
	var zero T
	for s, want := range texts {
		got, err := parse(s)
		if !errors.Is(err, want) || got != zero {
			t.Errorf("%q = %v, %v; want nothing, %v", s, got, err, want)
		}
		if err != nil && len(s) > 1 && strings.Contains(err.Error(), s) {
			t.Errorf("the error of %q carries it: %v", s, err)
		}
	}
}

// identity checks that what a parser takes is what it prints, but for the small x.
func identity[T interface{ String() string }](t *testing.T, parse func(string) (T, error), s string) {
	t.Helper()
	got, err := parse(s)
	if err != nil {
		if !isFault(err) {
			t.Errorf("%q: %v is no fault of the closed list", s, err)
		}
		return
	}
	if got.String() != strings.ReplaceAll(s, "x", "X") {
		t.Errorf("%q is printed %q", s, got)
	}
	again, err := parse(got.String())
	if err != nil || again.String() != got.String() {
		t.Errorf("%q, as printed, is read as %v, %v", s, again, err)
	}
}

var ids = []string{
	"11010519491231002X", // the example of GB 11643-1999
	"440524188001010014", // its second example: born before the years the calendar holds
	"000000200809010016", "000000200809010024", "000000201003120157", "000000200706301283",
}

func TestParseID(t *testing.T) {
	for _, c := range []struct {
		number, printed, region, birth, masked string
		female                                 bool
	}{
		{"11010519491231002X", "11010519491231002X", "110105", "1949-12-31", "110105********002X", true},
		{"11010519491231002x", "11010519491231002X", "110105", "1949-12-31", "110105********002X", true},
		{"000000200809010016", "000000200809010016", "000000", "2008-09-01", "000000********0016", false},
		{"000000200809010024", "000000200809010024", "000000", "2008-09-01", "000000********0024", true},
		{"000000201003120157", "000000201003120157", "000000", "2010-03-12", "000000********0157", false},
		{"000000200706301283", "000000200706301283", "000000", "2007-06-30", "000000********1283", true},
	} {
		got, err := code.ParseID(c.number)
		if err != nil {
			t.Errorf("%s: %v", c.number, err)
			continue
		}
		if got.String() != c.printed || got.Region() != c.region || got.Birth().String() != c.birth ||
			got.Female() != c.female || got.Masked() != c.masked {
			t.Errorf("%s = %s, region %s, born %s, female %v, masked %s", c.number, got, got.Region(), got.Birth(), got.Female(), got.Masked())
		}
	}
}

func TestParseIDRefuses(t *testing.T) {
	refuse(t, code.ParseID, map[string]error{
		"":                      code.ErrLength,
		"110105491231002":       code.ErrLength, // the 15 digits of before 1999
		"11010519491231002":     code.ErrLength,
		"11010519491231002XX":   code.ErrLength,
		" 11010519491231002X":   code.ErrLength,
		"1101051949123100２X":    code.ErrCharacter,
		"11010519491231002Ｘ":    code.ErrCharacter,
		"11010519491231X02X":    code.ErrCharacter,
		"11010519491231002Y":    code.ErrCharacter,
		"1１0105194912310０":      code.ErrLength,
		"1１010519491231002":     code.ErrLength,
		"O0000020080901001\xff": code.ErrCharacter,
		"160105194912310020":    code.ErrRegion,
		"000001200809010010":    code.ErrRegion,
		"911124198108030029":    code.ErrRegion, // of foreigners, who are no residents in this sense
		"110105194912320020":    code.ErrDate,
		"110105194902290020":    code.ErrDate,
		"440524188001010014":    code.ErrDate,
		"110105000000000020":    code.ErrDate,
		"110105194912310020":    code.ErrCheckDigit,
		"000000200809010017":    code.ErrCheckDigit,
		"00000020080901001X":    code.ErrCheckDigit,
	})
}

// The check digit finds every wrong digit and every pair of neighbours in the
// wrong order; a date or region may have been spoilt first.
func TestIDFindsSlips(t *testing.T) {
	for _, number := range []string{"11010519491231002X", "000000200809010016", "000000201003120157"} {
		for i := range number {
			for _, c := range "0123456789X" {
				slip := number[:i] + string(c) + number[i+1:]
				if _, err := code.ParseID(slip); slip != number && err == nil {
					t.Errorf("%s is taken, a slip of %s", slip, number)
				}
			}
			if i == 0 || number[i] == number[i-1] {
				continue
			}
			slip := number[:i-1] + number[i:i+1] + number[i-1:i] + number[i+1:]
			if _, err := code.ParseID(slip); err == nil {
				t.Errorf("%s is taken, a slip of %s", slip, number)
			}
		}
	}
}

func TestZeroValues(t *testing.T) {
	var id code.ID
	if id.String()+id.Region()+id.Masked() != "" || id.Female() {
		t.Errorf("the zero ID is %q", id.Masked())
	}
	var school code.School
	var student code.Student
	var programme code.Programme
	if s := school.Kind() + school.Province() + student.String() + programme.Class(); s != "" || programme.StateControlled() {
		t.Errorf("zero values say %q", s)
	}
	if _, ok := student.ID(); ok {
		t.Error("the zero student number has an identity number")
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range append(ids, "11010519491231002x", "", "1101051949123100２X", "110105491231002") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { identity(t, code.ParseID, s) })
}
