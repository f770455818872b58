package credit_test

import (
	"errors"
	"testing"

	"creditbank/internal/credit"
)

func scale(t *testing.T, code string) credit.Scale {
	t.Helper()
	for _, s := range credit.StandardScales() {
		if s.Code == code {
			return s
		}
	}
	t.Fatalf("no scale %q", code)
	return credit.Scale{}
}

func TestScaleMark(t *testing.T) {
	for _, c := range []struct {
		scale, grade, score string
		passed              bool
	}{
		{"percent", "85", "85", true},
		{"percent", "60", "60", true},
		{"percent", "59.99", "59.99", false},
		{"percent", "0", "0", false},
		{"percent", "100.00", "100", true},
		{"percent", "\u3000 85.5\t", "85.5", true},
		{"five", "优秀", "95", true},
		{"five", "优", "95", true},
		{"five", "良好", "85", true},
		{"five", "良", "85", true},
		{"five", "中等", "75", true},
		{"five", "中", "75", true},
		{"five", " 及格 ", "65", true},
		{"five", "不及格", "0", false},
		{"pass", "合格", "60", true},
		{"pass", "通过", "60", true},
		{"pass", "pass", "60", true},
		{"pass", "不合格", "0", false},
		{"pass", "不通过", "0", false},
		{"pass", "Fail", "0", false},
		{"letter", "A+", "98", true},
		{"letter", "a", "95", true},
		{"letter", "A-", "92", true},
		{"letter", "b+", "88", true},
		{"letter", "B", "85", true},
		{"letter", "B-", "82", true},
		{"letter", "C+", "78", true},
		{"letter", "C", "75", true},
		{"letter", "C-", "72", true},
		{"letter", "D+", "68", true},
		{"letter", "D", "65", true},
		{"letter", "d-", "62", true},
		{"letter", "E", "0", false},
		{"letter", "F", "0", false},
		{"raw", "0", "0", true},
		{"raw", "652", "652", true},
		{"raw", "1000", "1000", true},
	} {
		got, err := scale(t, c.scale).Mark(c.grade)
		if err != nil || got.Score.String() != c.score || got.Passed != c.passed {
			t.Errorf("%s %q = %v, %v; want %s, %v", c.scale, c.grade, got, err, c.score, c.passed)
		}
	}
}

func TestScaleMarkRefuses(t *testing.T) {
	for _, c := range []struct{ scale, grade string }{
		{"percent", ""}, {"percent", "100.01"}, {"percent", "-1"}, {"percent", "85分"}, {"percent", "优秀"},
		{"percent", "85.555"}, {"percent", "８５"}, {"percent", "8 5"}, {"percent", "缺考"},
		{"five", ""}, {"five", "85"}, {"five", "合格"}, {"five", "A"}, {"five", "excellent"},
		{"pass", ""}, {"pass", "及格"}, {"pass", "F"}, {"pass", "60"},
		{"letter", ""}, {"letter", "A++"}, {"letter", "Ａ"}, {"letter", "G"}, {"letter", "F+"}, {"letter", "A -"},
		{"raw", ""}, {"raw", "1000.01"}, {"raw", "A"},
	} {
		if got, err := scale(t, c.scale).Mark(c.grade); !errors.Is(err, credit.ErrGrade) || got != (credit.Mark{}) {
			t.Errorf("%s %q = %v, %v; want ErrGrade", c.scale, c.grade, got, err)
		}
	}
}

func TestNumericScaleWithWords(t *testing.T) {
	own := credit.Scale{Code: "own", Numeric: true, PassAt: 300, Top: 500, Marks: map[string]credit.Mark{
		credit.GradeKey(" Distinction "): {Score: 500, Passed: true},
	}}
	if got, err := own.Mark("distinction"); err != nil || got != (credit.Mark{Score: 500, Passed: true}) {
		t.Errorf("a word of a numeric scale = %v, %v; want 5, passed", got, err)
	}
	if got, err := own.Mark("2.99"); err != nil || got != (credit.Mark{Score: 299}) {
		t.Errorf("2.99 = %v, %v; want 2.99, not passed", got, err)
	}
}

func TestGuess(t *testing.T) {
	for grade, want := range map[string]string{
		"85": "percent", " 0 ": "percent", "良": "five", "合格": "pass", "FAIL": "pass", "b-": "letter", "F": "letter",
	} {
		got, mark, err := credit.Guess(credit.StandardScales(), grade)
		if err != nil || got.Code != want {
			t.Errorf("Guess(%q) = %s, %v; want %s", grade, got.Code, err, want)
			continue
		}
		if same, err := got.Mark(grade); err != nil || same != mark {
			t.Errorf("Guess(%q) gives %v, the scale %v, %v", grade, mark, same, err)
		}
	}
	for _, grade := range []string{"", " ", "652", "100.01", "-5", "缺考", "A*", "８５"} {
		if got, _, err := credit.Guess(credit.StandardScales(), grade); !errors.Is(err, credit.ErrGrade) {
			t.Errorf("Guess(%q) = %s, %v; want ErrGrade", grade, got.Code, err)
		}
	}
}

func TestGuessTakesNoSide(t *testing.T) {
	other := credit.Scale{Code: "other", Marks: map[string]credit.Mark{"优": {Score: 9000, Passed: true}}}
	scales := append(credit.StandardScales(), other)
	if got, _, err := credit.Guess(scales, "优"); !errors.Is(err, credit.ErrGrade) {
		t.Errorf("a word of two scales is taken for %s, %v; want ErrGrade", got.Code, err)
	}
	if got, _, err := credit.Guess(scales, "优秀"); err != nil || got.Code != "five" {
		t.Errorf("a word of one scale is taken for %s, %v; want five", got.Code, err)
	}
	if _, _, err := credit.Guess(scales[1:], "85"); !errors.Is(err, credit.ErrGrade) {
		t.Errorf("a number without the percent scale: %v, want ErrGrade", err)
	}
}

func TestStandardScalesAreNew(t *testing.T) {
	credit.StandardScales()[1].Marks["优"] = credit.Mark{}
	if got, err := scale(t, "five").Mark("优"); err != nil || got.Score != 9500 {
		t.Errorf("after a change to another copy 优 = %v, %v; want 95", got, err)
	}
}

func FuzzGuess(f *testing.F) {
	for _, s := range append(texts, "优秀", "A+", "a-", "pass", "不及格", "ſ", "ı", "\u3000优\u3000") {
		f.Add(s)
	}
	scales := credit.StandardScales()
	f.Fuzz(func(t *testing.T, grade string) {
		if key := credit.GradeKey(grade); credit.GradeKey(key) != key {
			t.Errorf("GradeKey(%q) = %q, whose key is %q", grade, key, credit.GradeKey(key))
		}
		knows := 0
		for _, s := range scales {
			mark, err := s.Mark(grade)
			if err == nil && s.Code != credit.Raw {
				knows++
			}
			if err != nil && !errors.Is(err, credit.ErrGrade) || mark.Score < 0 || mark.Score > credit.MaxScore {
				t.Errorf("%s %q = %v, %v", s.Code, grade, mark, err)
			}
		}
		_, _, err := credit.Guess(scales, grade)
		if (err == nil) != (knows == 1) {
			t.Errorf("Guess(%q): %v, though %d scales know it", grade, err, knows)
		}
	})
}
