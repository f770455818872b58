package code_test

import (
	"testing"

	"creditbank/internal/code"
)

var usccs = []string{
	"9144030071526726XG", // an enterprise
	"91330100799655058B",
	"914403001922038216",
	"12100000400002259P", // a public institution
}

func TestParseUSCC(t *testing.T) {
	for _, s := range usccs {
		if got, err := code.ParseUSCC(s); err != nil || got.String() != s {
			t.Errorf("%s = %s, %v", s, got, err)
		}
	}
}

func TestParseUSCCRefuses(t *testing.T) {
	refuse(t, code.ParseUSCC, map[string]error{
		"":                    code.ErrLength,
		"9144030071526726X":   code.ErrLength,
		"9144030071526726XG ": code.ErrLength,
		"71526726X":           code.ErrLength, // the older organisation code
		"9144030071526726xg":  code.ErrCharacter,
		"9144030071526726XI":  code.ErrCharacter,
		"9I44030071526726XG":  code.ErrCharacter,
		"91440300715Z6726XG":  code.ErrCharacter,
		"91A4030071526726XG":  code.ErrCharacter, // a letter in the region
		"914403007152672６XG":  code.ErrCharacter,
		"9144030071526726XＧ":  code.ErrCharacter,
		"9144030071526726XH":  code.ErrCheckDigit,
		"9144030071526726X0":  code.ErrCheckDigit,
		"9144030071256726XG":  code.ErrCheckDigit,
		"9144300071526726XG":  code.ErrCheckDigit,
	})
}

// Powers of 3 differ modulo the prime 31, so that no single slip and no
// exchange of neighbours passes.
func TestUSCCFindsSlips(t *testing.T) {
	const letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	for _, number := range usccs {
		for i := range number {
			for _, c := range letters {
				slip := number[:i] + string(c) + number[i+1:]
				if _, err := code.ParseUSCC(slip); slip != number && err == nil {
					t.Errorf("%s is taken, a slip of %s", slip, number)
				}
			}
			if i == 0 || i == len(number)-1 || number[i] == number[i-1] {
				continue
			}
			slip := number[:i-1] + number[i:i+1] + number[i-1:i] + number[i+1:]
			if _, err := code.ParseUSCC(slip); err == nil {
				t.Errorf("%s is taken, a slip of %s", slip, number)
			}
		}
	}
}

func FuzzParseUSCC(f *testing.F) {
	for _, s := range append(usccs, "", "9144030071526726xg", "000000000000000000", "914403007152672６XG") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { identity(t, code.ParseUSCC, s) })
}
