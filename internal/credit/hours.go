package credit

import "errors"

// Hours is a number of teaching or workload hours, in ten-thousandths of an
// hour: fine enough that credits times a rate is exact.
type Hours int64

// Rate is the number of hours in one credit, in hundredths of an hour.
type Rate int64

// MaxHours is the most hours that are read: 99999.99. MaxRate is the highest
// rate that is read: 1000 hours in a credit.
const (
	MaxHours Hours = 999_999_900
	MaxRate  Rate  = 100_000
)

// Hours are entered in hundredths, a hundred times coarser than they are kept.
const hoursPerHundredth = 100

var (
	// ErrHours says that a text is not a number of hours from 0 to 99999.99
	// with at most two decimals.
	ErrHours = errors.New("credit: not a number of hours")
	// ErrRate says that a text is not a number above 0 and up to 1000 with at
	// most two decimals.
	ErrRate = errors.New("credit: not a number of hours per credit")
)

// ParseHours reads digits with at most two decimals, up to 99999.99; else ErrHours.
func ParseHours(s string) (Hours, error) {
	value, ok := readDecimal(s, 2, int64(MaxHours/hoursPerHundredth))
	if !ok {
		return 0, ErrHours
	}
	return Hours(value) * hoursPerHundredth, nil
}

// String is the number of hours without trailing zeros; a computed one may
// have up to four decimals.
func (h Hours) String() string { return writeDecimal(int64(h), 4) }

// MarshalText writes what String does.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what ParseHours does; computed hours with more than two
// decimals are an answer, never an input. The error is ErrHours.
func (h *Hours) UnmarshalText(text []byte) error { return unmarshal(h, text, ParseHours) }

// ParseRate reads digits with at most two decimals, above 0 and up to 1000; else ErrRate.
func ParseRate(s string) (Rate, error) {
	value, ok := readDecimal(s, 2, int64(MaxRate))
	if !ok || value == 0 {
		return 0, ErrRate
	}
	return Rate(value), nil
}

// String is the number of hours per credit without trailing zeros.
func (r Rate) String() string { return writeDecimal(int64(r), 2) }

// MarshalText writes what String does.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what ParseRate does. The error is ErrRate.
func (r *Rate) UnmarshalText(text []byte) error { return unmarshal(r, text, ParseRate) }

// Hours is the work behind an amount at this rate, exactly.
func (r Rate) Hours(a Amount) Hours { return Hours(r) * Hours(a) }

// Credits converts hours at this rate, rounded down to a multiple of step: a
// conversion never gains credits by rounding. Without hours, rate or step (0
// or less) it gives 0. At a very low rate the answer can exceed MaxAmount.
func (r Rate) Credits(h Hours, step Amount) Amount {
	if h <= 0 || r <= 0 || step <= 0 {
		return 0
	}
	return Amount(h/r.Hours(step)) * step
}
