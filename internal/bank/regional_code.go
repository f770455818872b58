package bank

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"
	"time"

	"creditbank/internal/calendar"
)

// The lists of codes of the files of a regional credit bank.
const (
	listLevel      = "level"      // 教育层次
	listCategory   = "category"   // 教育类别
	listGraduation = "graduation" // 毕业结业肄业
	listSeason     = "season"     // 毕业季
	listSource     = "source"     // 来源: 课程类, 证书类
)

// RegionalLists lists the lists of codes.
func RegionalLists() []string {
	return []string{listLevel, listCategory, listGraduation, listSeason, listSource}
}

// The two sets of codes that are in use: one with codes of two to four digits that a
// registry made (85 本科), one that counts within the list (20 本科).
const (
	RegionalLong  = "long"
	RegionalShort = "short"
)

// RegionalSets lists the sets of codes.
func RegionalSets() []string { return []string{RegionalLong, RegionalShort} }

// RegionalCode is what a code stands for: a word, and its name in Chinese.
type RegionalCode struct{ List, Word, Name, Code string }

// builtinCodes are the codes as the bank comes, of a set. Words without a code are
// levels that schools of the bank have and these lists do not.
func builtinCodes(set string) []RegionalCode {
	codes := []RegionalCode{
		{listLevel, "undergraduate", "本科", "85"}, {listLevel, "junior_college", "专科", "86"}, {listLevel, "top_up", "专升本", "783"},
		{listLevel, "from_secondary", "高起本", "784"}, {listLevel, "secondary_vocational", "中职", ""}, {listLevel, "general_secondary", "高中", ""},
		{listCategory, "adult", "成人", "321"}, {listCategory, "regular", "普高", "322"}, {listCategory, "online", "网络", "1221"},
		{listCategory, "secondary_vocational", "中职", "1381"}, {listCategory, "self_taught", "自考", "1421"},
		{listGraduation, "graduated", "毕业", "1261"}, {listGraduation, "completed", "结业", "1262"}, {listGraduation, "studying", "在校", "1690"},
		{listGraduation, "left", "肄业", ""},
		{listSeason, "spring", "春", "1321"}, {listSeason, "autumn", "秋", "1322"},
		{listSource, "course", "课程类", "01"}, {listSource, "certificate", "证书类", "02"},
	}
	if set == RegionalShort {
		short := map[string]string{"85": "20", "86": "21", "783": "22", "784": "23", "321": "30", "322": "31", "1221": "32", "1381": "33", "1421": "34"}
		for i, c := range codes {
			codes[i].Code = cmp.Or(short[c.Code], c.Code)
		}
	}
	return codes
}

// builtinSet is the set that a kind of file has until another is chosen: own courses
// come with the long codes, what was converted with the short ones.
func builtinSet(kind string) string {
	if kind == RegionalCourses {
		return RegionalLong
	}
	return RegionalShort
}

// regionalCodes are the codes as they hold: those the bank came with, under what was
// set since.
type regionalCodes struct {
	sets    map[string][]RegionalCode
	chosen  map[string]string // by kind of file
	schools map[string]string // what the regional bank calls a school, by its code
}

// readRegionalCodes reads what holds.
func readRegionalCodes(read reading) (*regionalCodes, error) {
	rc := &regionalCodes{sets: map[string][]RegionalCode{}, chosen: map[string]string{}, schools: map[string]string{}}
	for _, set := range RegionalSets() {
		rc.sets[set] = builtinCodes(set)
	}
	for _, kind := range RegionalKinds() {
		rc.chosen[kind] = builtinSet(kind)
	}
	return rc, read(func(rows *sql.Rows) error {
		var setting, value string
		err := rows.Scan(&setting, &value)
		rc.set(setting, value)
		return err
	}, `SELECT setting, value FROM regional_setting ORDER BY setting, version`)
}

// set makes a setting hold. A blank choice or school is as the bank came; a blank
// code is none.
func (rc *regionalCodes) set(setting, value string) {
	what, rest, _ := strings.Cut(setting, ".")
	switch what {
	case "set":
		rc.chosen[rest] = cmp.Or(value, builtinSet(rest))
	case "school":
		rc.schools[rest] = value
	case "code":
		if c := rc.at(rest); c != nil {
			c.Code = value
		}
	}
}

// at is the code that SET.LIST.WORD means; nil: there is none.
func (rc *regionalCodes) at(place string) *RegionalCode {
	parts := strings.Split(place, ".")
	if len(parts) != 3 {
		return nil
	}
	codes := rc.sets[parts[0]]
	i := slices.IndexFunc(codes, func(c RegionalCode) bool { return c.List == parts[1] && c.Word == parts[2] })
	if i < 0 {
		return nil
	}
	return &codes[i]
}

// code is the code of a word in the set of a kind of file; empty: it has none.
func (rc *regionalCodes) code(kind, list, word string) string {
	if c := rc.at(rc.chosen[kind] + "." + list + "." + word); c != nil {
		return c.Code
	}
	return ""
}

// list is a list of codes as a file of a kind may hold them: those of its set, those
// of the other and those the bank came with, which may still be in use, and the names.
func (rc *regionalCodes) list(kind, list string) (words map[string]string, known codeList) {
	words = map[string]string{}
	put := func(text, word string) {
		if words[text] == "" && text != "" {
			words[text] = word
		}
	}
	chosen := rc.chosen[kind]
	for _, codes := range [][]RegionalCode{rc.sets[chosen], rc.sets[RegionalLong], rc.sets[RegionalShort], builtinCodes(RegionalLong), builtinCodes(RegionalShort)} {
		for _, c := range codes {
			if c.List == list {
				put(c.Code, c.Word)
				put(c.Name, c.Word)
			}
		}
	}
	return words, codeList{key: "regional " + list,
		has: func(code string) bool { return words[code] != "" },
		all: func(yield func(string)) {
			for code := range words {
				yield(code)
			}
		}}
}

// shown lists the codes of a list in the set of a kind: "85 本科".
func (rc *regionalCodes) shown(kind, list string) []string {
	var shown []string
	for _, c := range rc.sets[rc.chosen[kind]] {
		if c.List == list && c.Code != "" {
			shown = append(shown, c.Code+" "+c.Name)
		}
	}
	return shown
}

// school is what the regional bank calls a school.
func (rc *regionalCodes) school(institution string) string {
	return cmp.Or(rc.schools[institution], institution)
}

// schoolNamed is the school that the regional bank calls so, of those there are.
func (rc *regionalCodes) schoolNamed(code string, known map[string]Institution) (institution string, there bool) {
	for institution, called := range rc.schools {
		if called == code && code != "" {
			return institution, true
		}
	}
	_, there = known[code]
	return code, there
}

// graduationSeason is spring for who leaves from January to May, autumn after that:
// the two dates of diplomas are in January and July.
func graduationSeason(day calendar.Day) string {
	if _, month, _ := day.Date(); month < time.June {
		return "spring"
	}
	return "autumn"
}
