package code_test

import (
	"fmt"
	"testing"

	"creditbank/internal/code"
)

func TestParseProgramme(t *testing.T) {
	for _, c := range []struct {
		number, class string
		level         code.Level
		family        int
		controlled    bool
	}{
		{"610101", "6101", code.Secondary, 1, false},  // 种子生产技术
		{"710201", "7102", code.Secondary, 11, false}, // 计算机应用
		{"510203", "5102", code.Higher, 11, false},    // 软件技术
		{"520101K", "5201", code.Higher, 12, true},    // 临床医学
		{"310203", "3102", code.Bachelor, 11, false},  // 软件工程技术
		{"390101K", "3901", code.Bachelor, 19, true},
		{"010101", "0101", code.General, 1, false},  // 哲学
		{"080901", "0809", code.General, 8, false},  // 计算机科学与技术
		{"080910T", "0809", code.General, 8, false}, // 数据科学与大数据技术
		{"100201K", "1002", code.General, 10, true}, // 临床医学
		{"080911TK", "0809", code.General, 8, true}, // 网络空间安全
		{"130101", "1301", code.General, 13, false},
	} {
		got, err := code.ParseProgramme(c.number)
		if err != nil || got.String() != c.number || got.Class() != c.class || got.Level() != c.level ||
			got.Family() != c.family || got.StateControlled() != c.controlled {
			t.Errorf("%s = %s, class %s, level %d, family %d, controlled %v, %v",
				c.number, got, got.Class(), got.Level(), got.Family(), got.StateControlled(), err)
		}
	}
}

// Every category is of one level, and the others of none.
func TestProgrammeCategories(t *testing.T) {
	for category := range 100 {
		level, family := code.Level(0), 0
		for _, c := range []struct {
			level       code.Level
			first, last int
		}{{code.General, 1, 13}, {code.Bachelor, 21, 39}, {code.Higher, 41, 59}, {code.Secondary, 61, 79}} {
			if category >= c.first && category <= c.last {
				level, family = c.level, category-c.first+1
			}
		}
		got, err := code.ParseProgramme(fmt.Sprintf("%02d0101", category))
		if got.Level() != level || got.Family() != family || (err == nil) != (level != 0) {
			t.Errorf("category %02d = level %d, family %d, %v; want %d, %d", category, got.Level(), got.Family(), err, level, family)
		}
	}
}

func TestParseProgrammeRefuses(t *testing.T) {
	refuse(t, code.ParseProgramme, map[string]error{
		"":          code.ErrLength,
		"51020":     code.ErrLength,
		"5102":      code.ErrLength,
		"080911TKK": code.ErrLength,
		"51020A":    code.ErrCharacter,
		"51020３":    code.ErrCharacter,
		"5102０3":    code.ErrCharacter,
		"510203k":   code.ErrCharacter,
		"510203T":   code.ErrCharacter,
		"510203TK":  code.ErrCharacter,
		"510203KT":  code.ErrCharacter,
		"080911KT":  code.ErrCharacter,
		"080911KK":  code.ErrCharacter,
		"510203Ｋ":   code.ErrCharacter,
		"5102031":   code.ErrCharacter,
		"510203 ":   code.ErrCharacter,
		"000101":    code.ErrKind,
		"140101":    code.ErrKind,
		"200101":    code.ErrKind,
		"400101K":   code.ErrKind,
		"600101":    code.ErrKind,
		"800101":    code.ErrKind,
		"990101TK":  code.ErrKind,
	})
}

func FuzzParseProgramme(f *testing.F) {
	for _, s := range []string{"510203", "520101K", "080910T", "080911TK", "", "5102０3", "510203Ｋ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { identity(t, code.ParseProgramme, s) })
}
