package code

import "strings"

// USCC is a unified social credit identifier (统一社会信用代码, GB 32100-2015):
// the code of an organisation that is no school, such as an enterprise.
type USCC struct{ number string }

const usccLength = 18

// usccAlphabet gives a character's value by its place: the digits and the
// capital letters without I, O, S, V and Z.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ParseUSCC reads a unified social credit identifier: authority, category, 6
// digits of region, 9 characters of organisation and a check character. Small
// letters are refused. The errors are ErrLength, ErrCharacter and ErrCheckDigit.
func ParseUSCC(s string) (USCC, error) {
	if length(s) != usccLength {
		return USCC{}, ErrLength
	}
	if len(s) != usccLength || !allDigits(s[2:8]) {
		return USCC{}, ErrCharacter
	}
	sum, weight := 0, 1
	for i := range usccLength - 1 {
		value := strings.IndexByte(usccAlphabet, s[i])
		if value < 0 {
			return USCC{}, ErrCharacter
		}
		sum += value * weight
		weight = weight * 3 % len(usccAlphabet)
	}
	check := strings.IndexByte(usccAlphabet, s[usccLength-1])
	if check < 0 {
		return USCC{}, ErrCharacter
	}
	if (sum+check)%len(usccAlphabet) != 0 {
		return USCC{}, ErrCheckDigit
	}
	return USCC{number: s}, nil
}

// String is the identifier.
func (u USCC) String() string { return u.number }
