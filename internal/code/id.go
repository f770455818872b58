package code

import "creditbank/internal/calendar"

// ID is a resident identity number (公民身份号码, GB 11643-1999): 6 digits of
// region, 8 of birth date, 3 of sequence and a check character. It is personal
// data: show Masked, and String only to those who may see all of it.
type ID struct {
	number string
	birth  calendar.Day
}

const idLength = 18

// idSerial is the number of digits of GB 11643 before the check character, and
// where the sequence digit stands that is odd for males and even for females.
const (
	idSerial = 17
	idSex    = 16
)

// noRegion is the region of fictional persons, in examples and tests: no
// authority issues it.
const noRegion = "000000"

// taiwanResidents begins the numbers on residence permits of residents of
// Taiwan; those of Hong Kong and Macao begin with the region's own 81 and 82.
const taiwanResidents = "83"

// ParseID reads a resident identity number; a small x as check character is
// taken as X. The errors are ErrLength, ErrCharacter, ErrRegion (the first two
// digits name no province), ErrDate and ErrCheckDigit.
func ParseID(s string) (ID, error) {
	if length(s) != idLength {
		return ID{}, ErrLength
	}
	// In bytes: with a wide character the 18 characters are more than 18 bytes.
	if len(s) != idLength || !allDigits(s[:idSerial]) || !isIDCheck(s[idSerial]) {
		return ID{}, ErrCharacter
	}
	if !personRegion(s[:6]) {
		return ID{}, ErrRegion
	}
	birth, err := compactDay(s[6:14])
	if err != nil {
		return ID{}, err
	}
	check := idCheck(s)
	if upper(s[idSerial]) != check {
		return ID{}, ErrCheckDigit
	}
	return ID{number: s[:idSerial] + string(check), birth: birth}, nil
}

// String is the whole number, with a capital X.
func (id ID) String() string { return id.number }

// Region is the 6-digit code of the place of first registration (GB/T 2260),
// 000000 for a fictional person.
func (id ID) Region() string { return part(id.number, 0, 6) }

// Birth is the day of birth.
func (id ID) Birth() calendar.Day { return id.birth }

// Female says whether the sequence number is even, which GB 11643 gives to females.
func (id ID) Female() bool {
	return id.number != "" && (id.number[idSex]-'0')%2 == 0
}

// Masked is the number without the date of birth, to be shown where a person
// only needs to recognise it: 110105********002X.
func (id ID) Masked() string {
	if id.number == "" {
		return ""
	}
	return id.Region() + "********" + part(id.number, 14, idLength)
}

func isIDCheck(c byte) bool { return c >= '0' && c <= '9' || upper(c) == 'X' }

func upper(c byte) byte {
	if c == 'x' {
		return 'X'
	}
	return c
}

// idCheck is the check character of the first 17 digits: ISO 7064 MOD 11-2,
// by the weights of GB 11643.
func idCheck(s string) byte {
	weights := [idSerial]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, weight := range weights {
		sum += int(s[i]-'0') * weight
	}
	return "10X98765432"[sum%11]
}

func personRegion(region string) bool {
	return region == noRegion || region[:2] == taiwanResidents || listed(provinces, region[:2])
}

// compactDay reads a date written 20060102.
func compactDay(s string) (calendar.Day, error) {
	day, err := calendar.Parse(s[:4] + "-" + s[4:6] + "-" + s[6:])
	if err != nil {
		return calendar.None, ErrDate
	}
	return day, nil
}
