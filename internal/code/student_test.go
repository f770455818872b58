package code_test

import (
	"testing"

	"creditbank/internal/code"
)

func TestParseStudent(t *testing.T) {
	for _, c := range []struct {
		number, printed, birth string
		kind                   code.StudentKind
	}{
		{"G11010519491231002X", "G11010519491231002X", "1949-12-31", code.ByIdentity},
		{"G11010519491231002x", "G11010519491231002X", "1949-12-31", code.ByIdentity},
		{"G000000200809010016", "G000000200809010016", "2008-09-01", code.ByIdentity},
		{"J000000201003120157", "J000000201003120157", "2010-03-12", code.Assigned},
		{"L500103200809010018", "L500103200809010018", "2008-09-01", code.Temporary},
		{"L500103200809010019", "L500103200809010019", "2008-09-01", code.Temporary},
	} {
		got, err := code.ParseStudent(c.number)
		if err != nil || got.String() != c.printed || got.Kind() != c.kind || got.Birth().String() != c.birth {
			t.Errorf("%s = %s, kind %c, born %s, %v", c.number, got, got.Kind(), got.Birth(), err)
		}
		id, ok := got.ID()
		if want := c.kind == code.ByIdentity; ok != want || ok && (id.String() != c.printed[1:] || id.Birth() != got.Birth()) {
			t.Errorf("the identity number in %s = %s, %v", c.number, id, ok)
		}
	}
}

func TestParseStudentRefuses(t *testing.T) {
	refuse(t, code.ParseStudent, map[string]error{
		"":                     code.ErrLength,
		"000000200809010016":   code.ErrLength, // the identity number alone
		"G00000020080901001":   code.ErrLength,
		"G0000002008090100160": code.ErrLength,
		"g000000200809010016":  code.ErrKind,
		"A000000200809010016":  code.ErrKind,
		"Ｇ000000200809010016":  code.ErrKind,
		"0000000200809010016":  code.ErrKind,
		"G00000020080901001６":  code.ErrCharacter,
		"L50010320080901001X":  code.ErrCharacter,
		"L50010320080901001８":  code.ErrCharacter,
		"L160103200809010018":  code.ErrRegion,
		"J160103200809010018":  code.ErrRegion,
		"L500103200802300018":  code.ErrDate,
		"G000000200802300016":  code.ErrDate,
		"G000000200809010017":  code.ErrCheckDigit,
		"J000000200809010017":  code.ErrCheckDigit,
	})
}

func FuzzParseStudent(f *testing.F) {
	for _, s := range []string{"G11010519491231002x", "J000000201003120157", "L500103200809010018", "", "L50010320080901001８"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { identity(t, code.ParseStudent, s) })
}
