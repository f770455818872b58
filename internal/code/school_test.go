package code_test

import (
	"testing"

	"creditbank/internal/code"
)

func TestParseSchool(t *testing.T) {
	for _, c := range []struct{ number, kind, province string }{
		{"4111010001", "41", "11"}, // 北京大学
		{"4150000001", "41", "50"},
		{"3431000123", "34", "31"},
		{"3665000000", "36", "65"},
		{"9382999999", "93", "82"},
		{"1144000501", "11", "44"},
	} {
		got, err := code.ParseSchool(c.number)
		if err != nil || got.String() != c.number || got.Kind() != c.kind || got.Province() != c.province {
			t.Errorf("%s = %s, kind %s, province %s, %v", c.number, got, got.Kind(), got.Province(), err)
		}
	}
}

func TestParseSchoolRefuses(t *testing.T) {
	refuse(t, code.ParseSchool, map[string]error{
		"":            code.ErrLength,
		"10001":       code.ErrLength, // the five digits of a university alone
		"411101000":   code.ErrLength,
		"41110100011": code.ErrLength,
		"411101000A":  code.ErrCharacter,
		"411101000１":  code.ErrCharacter,
		"4111 10001":  code.ErrCharacter,
		"4011010001":  code.ErrKind,
		"1211010001":  code.ErrKind,
		"0011010001":  code.ErrKind,
		"9411010001":  code.ErrKind,
		"4116010001":  code.ErrRegion,
		"4100010001":  code.ErrRegion,
		"4183010001":  code.ErrRegion,
	})
}

func FuzzParseSchool(f *testing.F) {
	for _, s := range []string{"4111010001", "4150000001", "", "411101000１", "1 1 1 1 1 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { identity(t, code.ParseSchool, s) })
}
