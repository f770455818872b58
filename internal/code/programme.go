package code

// Programme is the code of a programme of study (专业代码): of the vocational
// catalogue (职业教育专业目录, 2021) or of the general undergraduate one
// (普通高等学校本科专业目录). General secondary schools have none.
type Programme struct {
	number string
	level  Level
	family int
}

// Level is the stage of education a programme's catalogue is for; the zero
// value is none.
type Level int

// The levels, by the catalogue's first two digits.
const (
	Secondary Level = iota + 1 // 中职, 61 to 79
	Higher                     // 高职专科, 41 to 59
	Bachelor                   // 职业本科, 21 to 39
	General                    // 普通本科, 01 to 13
)

const programmeDigits = 6

// ParseProgramme reads 6 digits and a suffix: K for a state-controlled
// programme; in the general catalogue also T (special) and TK (both). The
// errors are ErrLength, ErrCharacter (a suffix the catalogue does not use
// too) and ErrKind (the first two digits are of no catalogue).
func ParseProgramme(s string) (Programme, error) {
	if n := length(s); n < programmeDigits || n > programmeDigits+2 {
		return Programme{}, ErrLength
	}
	// In bytes: a wide character makes the text longer, so the cut is safe and
	// the character is found on one side of it.
	digits, suffix := s[:programmeDigits], s[programmeDigits:]
	if !allDigits(digits) {
		return Programme{}, ErrCharacter
	}
	level, family := catalogue(int(s[0]-'0')*10 + int(s[1]-'0'))
	switch {
	case suffix != "" && suffix != "K" && suffix != "T" && suffix != "TK":
		return Programme{}, ErrCharacter
	case level == 0:
		return Programme{}, ErrKind
	case level != General && suffix != "" && suffix != "K":
		return Programme{}, ErrCharacter
	}
	return Programme{number: s, level: level, family: family}, nil
}

// catalogue tells by the number of a category (专业大类, 学科门类) which level
// it is of and its place there. The three vocational catalogues count the same
// 19 categories from 21, 41 and 61.
func catalogue(category int) (Level, int) {
	switch {
	case category >= 61 && category <= 79:
		return Secondary, category - 60
	case category >= 41 && category <= 59:
		return Higher, category - 40
	case category >= 21 && category <= 39:
		return Bachelor, category - 20
	case category >= 1 && category <= 13:
		return General, category
	}
	return 0, 0
}

// String is the code with its suffix.
func (p Programme) String() string { return p.number }

// Level is the level of the catalogue the code is from.
func (p Programme) Level() Level { return p.level }

// Family is the number of the category within the level. Vocational programmes
// of the same family at different levels are of the same category, 1 to 19;
// the general catalogue has categories of its own, 1 to 13.
func (p Programme) Family() int { return p.family }

// Class is the first four digits, the class of programmes (专业类).
func (p Programme) Class() string { return part(p.number, 0, 4) }

// StateControlled says whether the Ministry approves each school's offer of
// the programme (国家控制布点专业), which the K marks.
func (p Programme) StateControlled() bool {
	return len(p.number) > programmeDigits && p.number[len(p.number)-1] == 'K'
}
