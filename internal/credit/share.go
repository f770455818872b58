package credit

import (
	"errors"
	"strings"
)

// Share is a part of a whole, in ten-thousandths: 1 is 0.01 %.
type Share int64

// Whole is the share of all of it.
const Whole Share = 10_000

// ErrShare says that a text is neither a fraction from 0 to 1 with at most four
// decimals nor a percentage from 0 to 100 with at most two.
var ErrShare = errors.New("credit: not a share")

// ParseShare reads a fraction, "0.35", or a percentage, "35%" or "33.33%"; else ErrShare.
func ParseShare(s string) (Share, error) {
	number, places := s, 4
	if percent, ok := strings.CutSuffix(s, "%"); ok {
		number, places = percent, 2
	}
	value, ok := readDecimal(number, places, int64(Whole))
	if !ok {
		return 0, ErrShare
	}
	return Share(value), nil
}

// String is the share as a fraction without trailing zeros: "0.35".
func (s Share) String() string { return writeDecimal(int64(s), 4) }

// MarshalText writes what String does.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseShare does. The error is ErrShare.
func (s *Share) UnmarshalText(text []byte) error { return unmarshal(s, text, ParseShare) }

// Of is this share of an amount that is not negative, rounded down: a limit is
// never widened by rounding.
func (s Share) Of(a Amount) Amount { return a * Amount(s) / Amount(Whole) }
