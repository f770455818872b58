package credit

import (
	"errors"
	"strings"
)

// Score is a normalised grade, in hundredths of a point, from 0 to 1000 points.
// Grades of different scales are compared by it, most of them on 0 to 100.
type Score int64

// MaxScore is the highest score: 1000 points, which exam and placement results reach.
const MaxScore Score = 100_000

var (
	// ErrScore says that a text is not a number from 0 to 1000 with at most two decimals.
	ErrScore = errors.New("credit: not a score")
	// ErrGrade says that a scale does not know a grade, or that a grade without
	// a scale belongs to none or to several.
	ErrGrade = errors.New("credit: unknown grade")
)

// ParseScore reads digits with at most two decimals, up to 1000; else ErrScore.
func ParseScore(s string) (Score, error) {
	value, ok := readDecimal(s, 2, int64(MaxScore))
	if !ok {
		return 0, ErrScore
	}
	return Score(value), nil
}

// String is the score in points without trailing zeros.
func (s Score) String() string { return writeDecimal(int64(s), 2) }

// MarshalText writes what String does.
func (s Score) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseScore does. The error is ErrScore.
func (s *Score) UnmarshalText(text []byte) error { return unmarshal(s, text, ParseScore) }

// Mark is what a grade is worth: its score, and whether it is a pass.
type Mark struct {
	Score  Score
	Passed bool
}

// Scale is one version of a grade scale. It knows the grades in Marks, whose
// keys are made with GradeKey; a Numeric one also knows the numbers from 0 to
// Top, and passes those from PassAt.
type Scale struct {
	Code        string
	Numeric     bool
	PassAt, Top Score
	Marks       map[string]Mark
}

// GradeKey is the form under which a scale keeps a grade: without the space
// around it, and in upper case, since schools write a, A and " A " alike.
func GradeKey(grade string) string { return strings.ToUpper(strings.TrimSpace(grade)) }

// Mark is the worth of a grade as reported. A grade the scale does not know is
// ErrGrade, never a guess.
func (s Scale) Mark(grade string) (Mark, error) {
	key := GradeKey(grade)
	if mark, ok := s.Marks[key]; ok {
		return mark, nil
	}
	if !s.Numeric {
		return Mark{}, ErrGrade
	}
	score, err := ParseScore(key)
	if err != nil || score > s.Top {
		return Mark{}, ErrGrade
	}
	return Mark{Score: score, Passed: score >= s.PassAt}, nil
}

// Guess finds the scale of a grade that was reported without one, among the
// scales in force: a number is percent, a word belongs to the one scale that
// lists it. A grade that none or several list is ErrGrade.
func Guess(scales []Scale, grade string) (Scale, Mark, error) {
	key := GradeKey(grade)
	var found Scale
	count := 0
	for _, scale := range scales {
		_, listed := scale.Marks[key]
		if listed || (scale.Code == Percent && isNumber(key)) {
			found = scale
			count++
		}
	}
	if count != 1 {
		return Scale{}, Mark{}, ErrGrade
	}
	mark, err := found.Mark(key)
	if err != nil {
		return Scale{}, Mark{}, err
	}
	return found, mark, nil
}

func isNumber(key string) bool {
	_, err := ParseScore(key)
	return err == nil
}
