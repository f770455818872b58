package code

// School is the code of a school or other institution of education
// (学校(机构)标识码, by the Ministry of Education's 学校(机构)代码管理办法):
// 2 digits of kind, 2 of province, 6 of serial number.
type School struct{ number string }

const schoolLength = 10

// schoolKinds are the first two digits: 11 kindergarten; 21 22 primary; 31 to
// 37 secondary (34 general, 36 vocational); 41 regular and 42 adult higher
// education; 51 special education; 91 to 93 other institutions.
const schoolKinds = "11 21 22 31 32 33 34 35 36 37 41 42 51 91 92 93"

// ParseSchool reads a school's code. It has no check digit. The errors are
// ErrLength, ErrCharacter, ErrKind and ErrRegion.
func ParseSchool(s string) (School, error) {
	switch {
	case length(s) != schoolLength:
		return School{}, ErrLength
	case !allDigits(s):
		return School{}, ErrCharacter
	case !listed(schoolKinds, s[:2]):
		return School{}, ErrKind
	case !listed(provinces, s[2:4]):
		return School{}, ErrRegion
	}
	return School{number: s}, nil
}

// String is the code.
func (s School) String() string { return s.number }

// Kind is the two digits for the kind of institution, such as 36 for a
// secondary vocational school.
func (s School) Kind() string { return part(s.number, 0, 2) }

// Province is the two digits for the province (GB/T 2260).
func (s School) Province() string { return part(s.number, 2, 4) }
