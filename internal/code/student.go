package code

import "creditbank/internal/calendar"

// Student is a national student number (全国学籍号) of a pupil: a letter for
// its kind and 18 characters. Most hold the identity number, so it is personal
// data like an ID.
type Student struct {
	kind   StudentKind
	number string
	birth  calendar.Day
}

// StudentKind is the letter of a student number.
type StudentKind byte

// The kinds of student numbers.
const (
	ByIdentity StudentKind = 'G' // permanent: the resident identity number
	Assigned   StudentKind = 'J' // permanent, of one without such a number: made in the same form, with the school's region
	Temporary  StudentKind = 'L' // until a permanent one is given: region, birth date and 4 digits, no check
)

const studentLength = 1 + idLength

// ParseStudent reads a student number with its capital letter; a small x as
// check character is taken as X. The errors are ErrLength, ErrKind (the
// letter), and those of ParseID; a temporary number has no check digit.
func ParseStudent(s string) (Student, error) {
	if length(s) != studentLength {
		return Student{}, ErrLength
	}
	var id ID
	var err error
	kind := StudentKind(s[0])
	switch kind {
	case ByIdentity, Assigned:
		id, err = ParseID(s[1:])
	case Temporary:
		id, err = temporary(s[1:])
	default:
		err = ErrKind
	}
	if err != nil {
		return Student{}, err
	}
	return Student{kind: kind, number: id.number, birth: id.birth}, nil
}

// temporary reads what has the form of an identity number but no check digit.
func temporary(number string) (ID, error) {
	if !allDigits(number) {
		return ID{}, ErrCharacter
	}
	if !personRegion(number[:6]) {
		return ID{}, ErrRegion
	}
	birth, err := compactDay(number[6:14])
	return ID{number: number, birth: birth}, err
}

// String is the whole number with its letter.
func (s Student) String() string {
	if s.number == "" {
		return ""
	}
	return string(rune(s.kind)) + s.number
}

// Kind is the letter.
func (s Student) Kind() StudentKind { return s.kind }

// Birth is the day of birth in the number.
func (s Student) Birth() calendar.Day { return s.birth }

// ID is the identity number in a number that was made of one, else false. A
// person's identity number may have changed since.
func (s Student) ID() (ID, bool) {
	if s.kind != ByIdentity {
		return ID{}, false
	}
	return ID{number: s.number, birth: s.birth}, true
}
