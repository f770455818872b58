package credit

import "errors"

// Amount is a number of credits, in hundredths of a credit.
type Amount int64

// MaxAmount is the largest amount that is read: 9999.99 credits. Ten thousand
// million of them still add up without overflow.
const MaxAmount Amount = 999_999

// ErrAmount says that a text is not a number of credits from 0 to 9999.99 with
// at most two decimals.
var ErrAmount = errors.New("credit: not a number of credits")

// ParseAmount reads digits with at most two decimals: "4", "4.5", "0.25".
// Anything else, and more than MaxAmount, is ErrAmount.
func ParseAmount(s string) (Amount, error) {
	value, ok := readDecimal(s, 2, int64(MaxAmount))
	if !ok {
		return 0, ErrAmount
	}
	return Amount(value), nil
}

// String is the amount in credits without trailing zeros: "4.5", "-0.5".
func (a Amount) String() string { return writeDecimal(int64(a), 2) }

// MarshalText writes what String does.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what ParseAmount does, so no negative amount comes in
// from outside. The error is ErrAmount.
func (a *Amount) UnmarshalText(text []byte) error { return unmarshal(a, text, ParseAmount) }

// unmarshal sets a value from text, and leaves it as it was when the text is refused.
func unmarshal[T any](to *T, text []byte, parse func(string) (T, error)) error {
	parsed, err := parse(string(text))
	if err != nil {
		return err
	}
	*to = parsed
	return nil
}
