package bank

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// regionalWorld is what files of a regional credit bank are written from and held
// against: names of schools, programmes and courses, codes, and who has a diploma.
type regionalWorld struct {
	kind         string
	codes        *regionalCodes
	institutions map[string]Institution
	programmes   map[transfer.ProgrammeKey]Programme
	courses      map[transfer.CourseKey][]CourseVersion // the oldest first, without outlines
	diplomas     map[enrolment]calendar.Day
}

// enrolment is a learner at a programme.
type enrolment struct {
	learner string
	at      transfer.ProgrammeKey
}

func readRegionalWorld(read reading, kind string) (*regionalWorld, error) {
	codes, err := readRegionalCodes(read)
	w := &regionalWorld{kind: kind, codes: codes, institutions: map[string]Institution{}, programmes: map[transfer.ProgrammeKey]Programme{},
		courses: map[transfer.CourseKey][]CourseVersion{}, diplomas: map[enrolment]calendar.Day{}}
	for _, r := range []struct {
		scan  func(*sql.Rows) error
		query string
	}{
		{w.scanInstitution, selectInstitutions},
		{w.scanProgramme, selectProgrammes},
		{w.scanCourse, `SELECT institution, course, coalesce(valid_from, -2147483648), coalesce(valid_to, -2147483648), name, credits, coalesce(hours, -1)
			FROM course_version ORDER BY institution, course, valid_from IS NOT NULL, valid_from`},
		{w.scanDiploma, `SELECT learner, institution, programme, max(redeemed_at) FROM application WHERE redeemed_at IS NOT NULL GROUP BY learner, institution, programme`},
	} {
		if err == nil {
			err = read(r.scan, r.query)
		}
	}
	return w, err
}

func (w *regionalWorld) scanInstitution(rows *sql.Rows) error {
	in, err := scanInstitution(rows)
	w.institutions[in.Code] = in
	return err
}

func (w *regionalWorld) scanProgramme(rows *sql.Rows) error {
	k, p, err := scanProgramme(rows)
	w.programmes[k] = p
	return err
}

func (w *regionalWorld) scanCourse(rows *sql.Rows) error {
	var k transfer.CourseKey
	var v CourseVersion
	err := rows.Scan(&k.Institution, &k.Code, &v.From, &v.To, &v.Name, &v.Credits, &v.Hours)
	w.courses[k] = append(w.courses[k], v)
	return err
}

func (w *regionalWorld) scanDiploma(rows *sql.Rows) error {
	var e enrolment
	var at int64
	err := rows.Scan(&e.learner, &e.at.Institution, &e.at.Code, &at)
	w.diplomas[e] = calendar.Of(fromMicros(at))
	return err
}

// regionalLearner is a learner as far as these files ask.
type regionalLearner struct {
	account string
	transfer.ProgrammeKey
	entered calendar.Day
}

// regionalResult is a result as these files show it.
type regionalResult struct {
	key     recordKey
	value   Record
	name    string
	credits credit.Amount // what it was deposited with, where it has none of its own
	hours   credit.Hours  // -1: not known
	stand   recordStand
}

// recordStand is where a result stands.
type recordStand struct {
	place string
	at    transfer.ProgrammeKey
}

func (w *regionalWorld) result(k recordKey, v Record, deposited credit.Amount, stand recordStand) regionalResult {
	r := regionalResult{key: k, value: v, name: v.Title, credits: v.Credits, hours: v.Hours, stand: stand}
	course, known := versionOn(w.courses[transfer.CourseKey{Institution: k.Institution, Code: v.Course}], v.Completed)
	if r.name == "" {
		r.name = v.Course
		if known {
			r.name = course.Name
		}
	}
	if r.credits < 0 {
		r.credits = deposited
	}
	if r.hours < 0 && known {
		r.hours = course.Hours
	}
	return r
}

// isCertificate says of a kind of results that they are no courses: certificates,
// contests, work and experience.
func isCertificate(kind string) bool { return kind != transfer.KindCourse && kind != "exam" }

// regionalUse is a conversion of a result to a course.
type regionalUse struct {
	to      transfer.ProgrammeKey
	course  string
	credits credit.Amount
	on      calendar.Day
	booked  bool // such a file brought it
}

func (u regionalUse) key(ref recordKey) regionalKey {
	return regionalKey{ref, transfer.CourseKey{Institution: u.to.Institution, Code: u.course}}
}

// regionalKey is a result and, where it was converted, the course it was converted to.
type regionalKey struct {
	Result recordKey
	Used   transfer.CourseKey
}

// soft is what the bank can say itself of the columns of [regionalSoft]; words stand
// for codes. use is nil for results at the own school.
func (w *regionalWorld) soft(l regionalLearner, r *regionalResult, use *regionalUse) map[string]string {
	soft := map[string]string{}
	for _, column := range regionalSoft(w.kind) {
		soft[column] = ""
	}
	put := func(column, text string) {
		if _, has := soft[column]; has {
			soft[column] = text
		}
	}
	own := l.ProgrammeKey
	if use == nil {
		put("programme_name", w.programmes[own].Name)
		put("level_code", w.levelOf(own))
		put("category_code", w.categoryOf(own))
		w.leaving(l, put)
		return soft
	}
	source := transfer.ProgrammeKey{Institution: r.key.Institution}
	if own.Institution == source.Institution {
		source = own
	}
	put("source_programme", w.programmes[source].Name)
	put("source_level", w.levelOf(source))
	put("source_category", w.categoryOf(source))
	put("certificate_type", choiceName(r.value.Kind))
	put("certificate_level", shownNumber(r.value.Level, 0))
	if own == use.to {
		w.leaving(l, put)
	}
	target := transfer.CourseKey{Institution: use.to.Institution, Code: use.course}
	if course, known := versionOn(w.courses[target], use.on); known {
		put("target_name", course.Name)
	}
	put("target_level", w.levelOf(use.to))
	put("target_programme", w.programmes[use.to].Name)
	return soft
}

// leaving says when a learner leaves the own programme, or left it with a diploma of
// which the bank knows.
func (w *regionalWorld) leaving(l regionalLearner, put func(column, text string)) {
	if l.Code == "" {
		return
	}
	put("graduation", "studying")
	if day, has := w.diplomas[enrolment{l.account, l.ProgrammeKey}]; has {
		year, _, _ := day.Date()
		put("class_year", strconv.Itoa(year))
		put("graduation", "graduated")
		put("season", graduationSeason(day))
		return
	}
	years := w.programmes[l.ProgrammeKey].Years
	if l.entered != calendar.None && years > 0 {
		year, month, _ := l.entered.Date()
		months := int(month) - 1 + int(years)*12/100
		put("class_year", strconv.Itoa(year+months/12))
	}
}

// levelOf is the word for the level (教育层次) of a programme, or of what a school
// mostly offers; empty: none is known. What a name says in brackets goes first, then
// the national code of the programme (docs of code.ParseProgramme).
func (w *regionalWorld) levelOf(k transfer.ProgrammeKey) string {
	p := w.programmes[k]
	for mode, word := range map[string]string{"专升本": "top_up", "高起本": "from_secondary"} {
		if strings.Contains(inBrackets(p.Name), mode) {
			return word
		}
	}
	if p.CatalogueCode != "" {
		switch p.CatalogueCode[0] {
		case '6', '7':
			return "secondary_vocational"
		case '4', '5':
			return "junior_college"
		case '0', '1', '2', '3':
			return "undergraduate"
		}
	}
	return map[string]string{"secondary_vocational": "secondary_vocational", "general_secondary": "general_secondary", "comprehensive_secondary": "general_secondary",
		"higher_vocational": "junior_college", "vocational_undergraduate": "undergraduate", "general_undergraduate": "undergraduate"}[w.institutions[k.Institution].Kind]
}

// categoryOf is the word for the category (教育类别) of a programme or school, as levelOf.
func (w *regionalWorld) categoryOf(k transfer.ProgrammeKey) string {
	mode := inBrackets(w.programmes[k].Name)
	for _, c := range [][2]string{{"成人", "adult"}, {"函授", "adult"}, {"业余", "adult"}, {"网络教育", "online"}, {"自考", "self_taught"}} {
		if strings.Contains(mode, c[0]) {
			return c[1]
		}
	}
	switch kind := w.institutions[k.Institution].Kind; {
	case kind == "secondary_vocational":
		return kind
	case slices.Contains([]string{"higher_vocational", "vocational_undergraduate", "general_undergraduate"}, kind):
		return "regular"
	}
	return ""
}

// inBrackets is what stands in brackets in a name.
func inBrackets(name string) string {
	_, rest, _ := strings.Cut(halfWidth(name), "(")
	inside, _, _ := strings.Cut(rest, ")")
	return inside
}

// monthOf is the month of a day as these files write it: yyyyMM.
func monthOf(day calendar.Day) string {
	text := day.String()
	if len(text) < len("2006-01") {
		return ""
	}
	return text[:4] + text[5:7]
}

const selectSoft = `SELECT institution, reference, used_institution, used_course, sealed FROM regional_result`

func scanSoft(rows *sql.Rows, unseal unsealing) (k regionalKey, said map[string]string, err error) {
	var sealed []byte
	if err := rows.Scan(&k.Result.Institution, &k.Result.Reference, &k.Used.Institution, &k.Used.Code, &sealed); err != nil {
		return k, nil, err
	}
	said, err = openSoft(k, sealed, unseal)
	return k, said, err
}

// storedSoft reads what files said otherwise than the bank would, by result and use.
func storedSoft(read reading, unseal unsealing) (map[regionalKey]map[string]string, error) {
	soft := map[regionalKey]map[string]string{}
	return soft, read(func(rows *sql.Rows) error {
		k, said, err := scanSoft(rows, unseal)
		soft[k] = said
		return err
	}, selectSoft)
}

// storedUses reads the conversions there are: those that were decided, and those that
// such files brought, by result.
func storedUses(read reading) (map[recordKey][]regionalUse, error) {
	uses := map[recordKey][]regionalUse{}
	err := read(func(rows *sql.Rows) error {
		var k recordKey
		var u regionalUse
		var awards string
		var at int64
		if err := rows.Scan(&k.Institution, &k.Reference, &u.to.Institution, &u.to.Code, &awards, &at); err != nil {
			return err
		}
		u.on = calendar.Of(fromMicros(at))
		given, err := readAwards(awards)
		for _, a := range given {
			u.course, u.credits = a.Course, a.Credits
			uses[k] = append(uses[k], u)
		}
		return err
	}, `SELECT ar.institution, ar.reference, a.institution, a.programme, i.given_awards, d.made_at FROM application_item i
		JOIN application a ON a.id = i.application JOIN decision d ON d.id = i.decision
		JOIN application_record ar ON ar.application = i.application AND ar.item = i.item
		WHERE i.state IN ('full', 'alternative', 'partial') ORDER BY ar.institution, ar.reference, a.institution, a.programme, i.item`)
	if err != nil {
		return nil, err
	}
	return uses, read(func(rows *sql.Rows) error {
		var k recordKey
		u := regionalUse{booked: true}
		err := rows.Scan(&k.Institution, &k.Reference, &u.to.Institution, &u.to.Code, &u.course, &u.credits, &u.on)
		uses[k] = append(uses[k], u)
		return err
	}, `SELECT institution, reference, used_institution, used_programme, used_course, credits, used_on FROM regional_result
		WHERE credits IS NOT NULL ORDER BY institution, reference, used_institution, used_course`)
}
