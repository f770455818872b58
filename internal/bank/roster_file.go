package bank

import (
	"slices"
	"strings"
)

// OneRoster is the kind of import that takes an archive of tables as in OneRoster 1.2
// (CSV binding): schools, terms, courses, classes, people, enrolments and results.
const OneRoster = "oneroster"

// RosterFile is one of the tables of an archive that are read.
type RosterFile struct {
	Name     string   // as the manifest calls it: users
	Columns  []string // of the standard: all must be there
	Own      []string // further ones that are read where they are there
	Unread   []string // columns of the standard that may be there and are not read
	Optional bool     // a manifest need not name it
	Needs    []string // files without which this one says nothing
}

// File is the name of the part: users.csv.
func (f RosterFile) File() string { return f.Name + ".csv" }

// All are the columns in the order of the cells of a [Row].
func (f RosterFile) All() []string { return slices.Concat(f.Columns, f.Own) }

// RosterFiles lists the tables that are read, in the order in which their rows are
// handed over: what a row refers to comes before it. Of demographics the day of birth and
// the sex are read, and nothing of descent. The columns are those of 1EdTech
// OneRoster 1.2, CSV binding; credits and hours are an extension, since the standard has
// none.
func RosterFiles() []RosterFile {
	file := func(name, columns string, needs ...string) RosterFile {
		return RosterFile{Name: name, Columns: strings.Fields("sourcedId status dateLastModified " + columns), Needs: needs}
	}
	courses := file("courses", `schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes`, "orgs")
	courses.Own = []string{"metadata.cn.credits", "metadata.cn.hours"}
	demographics := file("demographics", `birthDate sex`, "users")
	demographics.Optional = true
	demographics.Unread = strings.Fields(`americanIndianOrAlaskaNative asian blackOrAfricanAmerican nativeHawaiianOrOtherPacificIslander white
		demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus`)
	return []RosterFile{
		file("orgs", `name type identifier parentSourcedId`),
		file("academicSessions", `title type startDate endDate parentSourcedId schoolYear`),
		courses,
		file("classes", `title grades courseSourcedId classCode classType location schoolSourcedId termSourcedIds subjects subjectCodes periods`, "courses", "academicSessions"),
		file("users", `enabledUser username userIds givenName familyName middleName identifier email sms phone agentSourcedIds grades password
			userMasterIdentifier preferredGivenName preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns`, "roles"),
		demographics,
		file("roles", `userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId`, "users", "orgs"),
		file("enrollments", `classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate`, "classes", "users"),
		file("categories", `title weight`),
		file("lineItems", `title description assignDate dueDate classSourcedId categorySourcedId academicSessionSourcedId resultValueMin resultValueMax schoolSourcedId`,
			"classes", "categories", "academicSessions"),
		file("results", `lineItemSourcedId studentSourcedId scoreStatus score scoreDate comment textScore classSourcedId inProgress incomplete late missing`,
			"lineItems", "users", "enrollments"),
	}
}

// RosterHeader names the cells of a row of an archive that was refused: in which part
// it is, and what it is called there.
func RosterHeader() []string { return []string{"file", "sourcedId"} }

// rosterKind takes in an archive. It gives nothing out.
func rosterKind() kind {
	return kind{name: OneRoster, columns: []Column{{"file", "文件", true}, {"sourcedId", "标识", true}}, take: takeRoster, mapped: true, own: true}
}

// ImportPart is what an import came to in one part of an archive. Rows that only say
// how others belong together count as unchanged.
type ImportPart struct {
	File      string `json:"file"`
	Rows      int    `json:"rows"`
	New       int    `json:"new"`
	Unchanged int    `json:"unchanged"`
	Updated   int    `json:"updated"`
	Refused   int    `json:"refused"`
}
