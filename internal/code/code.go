// Package code reads the codes of the national standards that a credit bank
// meets: of persons, organisations, schools, students and programmes. It says
// whether a code can be right (its form, its parts, its check digit), never
// whether it was issued.
//
// Blanks around a code are the caller's to trim. Full-width digits and letters
// are refused, not guessed. An error never carries the code itself, since some
// of them are personal data.
package code

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// What can be wrong with a code. Of several faults one is told; the check digit
// is looked at last, since any other fault would spoil it too.
var (
	// ErrLength says that the number of characters is not the code's.
	ErrLength = errors.New("code: wrong length")
	// ErrCharacter says that a character has no place where it stands.
	ErrCharacter = errors.New("code: wrong character")
	// ErrKind says that the part for the kind (of school, number or programme) names none.
	ErrKind = errors.New("code: unknown kind")
	// ErrRegion says that the part for the region names no province.
	ErrRegion = errors.New("code: unknown region")
	// ErrDate says that the part for the date of birth is no date.
	ErrDate = errors.New("code: not a date")
	// ErrCheckDigit says that the check character does not fit the others.
	ErrCheckDigit = errors.New("code: wrong check digit")
)

// provinces are the first two digits of GB/T 2260: the provinces, autonomous
// regions, municipalities and special administrative regions.
const provinces = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82"

// listed says whether a pair of digits stands in a list of pairs that are
// separated by blanks.
func listed(list, pair string) bool { return strings.Contains(list, pair) }

// length counts characters, not bytes: a full-width digit is one wrong
// character and not a code that is too long.
func length(s string) int { return utf8.RuneCountInString(s) }

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// part is s[from:to], and "" of the zero value of a code, which has no parts.
func part(s string, from, to int) string {
	if len(s) < to {
		return ""
	}
	return s[from:to]
}
