// Package seeds holds the demo data: an invented city's schools, courses,
// equivalences and learners, as files in the import formats.
package seeds

import "embed"

// FS holds the files that Files lists.
//
//go:embed *.csv
var FS embed.FS

// File is one file of FS and the kind of import that reads it.
type File struct{ Kind, Name string }

// Files lists the files in the order in which they load: what a file refers to
// stands in an earlier one.
func Files() []File {
	return []File{
		{"regions", "regions.csv"},
		{"catalogue", "catalogue.csv"},
		{"institutions", "institutions.csv"},
		{"courses", "courses.csv"},
		{"programmes", "programmes.csv"},
		{"groups", "groups.csv"},
		{"plans", "plans.csv"},
		{"equivalences", "equivalences-1.csv"},
		{"equivalences", "equivalences-2.csv"},
		{"policies", "policies.csv"},
		{"caps", "caps.csv"},
		{"holidays", "holidays.csv"},
		{"exams", "exams.csv"},
		{"learners", "learners.csv"},
		{"records", "records.csv"},
		{"uses", "uses.csv"},
	}
}

// Outcomes is the file of FS with the learning outcomes of some courses, for which there
// is no kind of import: institution, course, competence, level, text.
const Outcomes = "outcomes.csv"
