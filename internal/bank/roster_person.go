package bank

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"creditbank/internal/calendar"
)

// rosterUser is a person as an archive says it.
type rosterUser struct {
	number, line int
	key          string // what the school calls the person
	said         Person
	at           string // of a delta that may leave roles out: the institution that is said to be theirs
}

// rosterStudent says at which institution somebody is a student.
type rosterStudent struct {
	institution string
	primary     bool
}

// userID is one of the numbers of a person in userIds: {type:number}.
var userID = regexp.MustCompile(`\{([^:{}]+):([^{}]+)\}`)

func (l *rosterLine) user(id string) {
	u := rosterUser{number: l.row.Number, line: l.row.Line, key: cmp.Or(l.get("identifier"), id), said: Person{Born: calendar.None}}
	if l.row.Delta && l.get("primaryOrgSourcedId") != "" {
		u.at = l.owner("primaryOrgSourcedId")
	}
	u.said.Name = wholeName(l.need("familyName"), l.get("middleName"), l.need("givenName"))
	u.said.Email, u.said.Phone = l.get("email"), cmp.Or(l.get("sms"), l.get("phone"))
	l.choice("enabledUser", "", "true", "false")
	for _, pair := range userID.FindAllStringSubmatch(l.get("userIds"), -1) {
		kind, number := chosen(strings.TrimSpace(pair[1]), idTypes()), strings.TrimSpace(pair[2])
		switch {
		case kind == "school_number" || kind == "学籍号":
			u.said.SchoolNumber = number
		case slices.Contains(idTypes(), kind):
			u.said.IDType, u.said.IDNumber = kind, number
		}
	}
	l.ro.users[id] = u
}

// demographics say of a user the day of birth and the sex.
func (l *rosterLine) demographics(id string) {
	user := l.refers("sourcedId", "users.csv", id)
	born, sex := l.day("birthDate", false), l.choice("sex", "", "male", "female", "other", "unspecified")
	if u, known := l.ro.users[user]; known && len(l.faults) == 0 {
		u.said.Born, u.said.Gender = born, strings.TrimSuffix(sex, "unspecified")
		l.ro.users[user] = u
	}
}

// wholeName is a name as it is said: a Chinese one with the family name first and
// without spaces, another with it last.
func wholeName(family, middle, given string) string {
	if strings.ContainsFunc(family+given, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return family + middle + given
	}
	return strings.Join(strings.Fields(given+" "+middle+" "+family), " ")
}

// role makes somebody a student of an institution; of several the primary role counts,
// else the first.
func (l *rosterLine) role(string) {
	user := l.ref("userSourcedId", "users.csv", true)
	primary := l.choice("roleType", "primary", "secondary") == "primary"
	if l.need("role") != "student" {
		return
	}
	institution := l.owner("orgSourcedId")
	if institution == "" && user != "" {
		l.ro.unplaced[user] = l.row.Number
	}
	if before, known := l.ro.students[user]; user != "" && institution != "" && (!known || primary && !before.primary) {
		l.ro.students[user] = rosterStudent{institution, primary}
	}
}

// bringLearners takes the students over. One whom the bank knows keeps what the archive
// does not say, and the ways to be reached that the bank has.
func (ro *roster) bringLearners() error {
	stored, _, err := ro.storedLearners()
	if err != nil {
		return err
	}
	part := ro.files["users.csv"]
	var rows []made
	for _, id := range byRow(ro.users, func(u rosterUser) int { return u.number }) {
		u := ro.users[id]
		student, is := ro.student(id, stored)
		switch {
		case part.refused[id] > 0:
			continue
		case !is && ro.unplaced[id] > 0:
			l := &rosterLine{ro: ro, part: part, row: Row{File: part.ImportPart.File, Number: u.number, Line: u.line, Cells: []string{id}}}
			l.fault("sourcedId", id, "roster_follows", map[string]any{"File": "roles.csv", "Row": ro.unplaced[id]})
			ro.refuse(l)
			continue
		case !is:
			ro.left("roster_not_student", part.ImportPart.File, u.number)
			continue
		}
		account := ro.account(id, stored)
		ro.accounts[id] = account
		old, known := stored[account]
		if !known {
			old = Learner{Person: Person{Born: calendar.None}, Entered: calendar.None}
		}
		l := u.learner(old, student.institution)
		rows = append(rows, made{u.number, u.line, id, l.cells(account)})
	}
	return ro.bring(learnerFile, part, rows, map[string]string{"account": "identifier", "name": "familyName", "id_type": "userIds", "id_number": "userIds",
		"school_number": "userIds", "birth_date": "birthDate", "gender": "sex", "phone": "phone", "email": "email", "institution": "primaryOrgSourcedId"})
}

// student says at which institution somebody is a student: as the roles say or, where a
// delta leaves them out, as the bank knows the account.
func (ro *roster) student(user string, stored map[string]Learner) (rosterStudent, bool) {
	student, is := ro.students[user]
	if at := ro.users[user].at; !is && at != "" && ro.unplaced[user] == 0 {
		ro.students[user] = rosterStudent{institution: at}
		if _, is = stored[ro.account(user, stored)]; !is {
			delete(ro.students, user)
		}
		student = ro.students[user]
	}
	return student, is
}

// account is the account of a student: that of the school's own learner who has the
// school's number for an account, else one made of the school's code and number. Two
// schools may give out one number.
func (ro *roster) account(user string, stored map[string]Learner) string {
	key, institution := ro.users[user].key, ro.students[user].institution
	made := institution + "-" + key
	if _, known := stored[made]; known {
		return made
	}
	if l, known := stored[key]; known && l.Institution == institution {
		return key
	}
	return made
}

// learner is what becomes of a learner by what the archive says.
func (u *rosterUser) learner(old Learner, institution string) Learner {
	l := old
	l.Name, l.Institution = u.said.Name, institution
	if old.Institution != institution {
		l.Programme = ""
	}
	l.SchoolNumber = cmp.Or(u.said.SchoolNumber, old.SchoolNumber)
	if u.said.Born != calendar.None {
		l.Born = u.said.Born
	}
	l.Gender = cmp.Or(u.said.Gender, old.Gender)
	if u.said.IDNumber != "" {
		l.IDType, l.IDNumber = u.said.IDType, u.said.IDNumber
	}
	l.Phone, l.Email = cmp.Or(old.Phone, u.said.Phone), cmp.Or(old.Email, u.said.Email)
	return l
}
