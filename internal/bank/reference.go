package bank

import (
	"database/sql"

	"creditbank/internal/transfer"
)

// references are the keys that rows of a file may name, read once an import.
type references struct {
	institutions map[string]string // code → kind
	courses      map[transfer.CourseKey]bool
	programmes   map[transfer.ProgrammeKey]bool
	groups       map[groupKey]bool
	groupNames   map[groupName]bool
}

type groupKey struct {
	transfer.ProgrammeKey
	Group string
}

// groupName is a group in any programme of an institution.
type groupName struct{ institution, group string }

// refs reads the keys there are.
func (r *importRun) refs() (*references, error) {
	if r.known != nil {
		return r.known, nil
	}
	known := &references{
		institutions: map[string]string{}, courses: map[transfer.CourseKey]bool{},
		programmes: map[transfer.ProgrammeKey]bool{}, groups: map[groupKey]bool{}, groupNames: map[groupName]bool{},
	}
	reads := []struct {
		query string
		scan  func(*sql.Rows) error
	}{
		{`SELECT code, kind FROM institution`, known.scanInstitution},
		{`SELECT institution, code FROM course`, known.scanCourse},
		{`SELECT institution, code FROM programme`, known.scanProgramme},
		{`SELECT institution, programme, code FROM programme_group`, known.scanGroup},
	}
	for _, read := range reads {
		if err := r.each(read.scan, read.query); err != nil {
			return nil, err
		}
	}
	r.known = known
	return known, nil
}

func (k *references) scanInstitution(rows *sql.Rows) error {
	var code, kind string
	if err := rows.Scan(&code, &kind); err != nil {
		return err
	}
	k.institutions[code] = kind
	return nil
}

func (k *references) scanCourse(rows *sql.Rows) error {
	var key transfer.CourseKey
	if err := rows.Scan(&key.Institution, &key.Code); err != nil {
		return err
	}
	k.courses[key] = true
	return nil
}

func (k *references) scanProgramme(rows *sql.Rows) error {
	var key transfer.ProgrammeKey
	if err := rows.Scan(&key.Institution, &key.Code); err != nil {
		return err
	}
	k.programmes[key] = true
	return nil
}

func (k *references) scanGroup(rows *sql.Rows) error {
	var key groupKey
	if err := rows.Scan(&key.Institution, &key.Code, &key.Group); err != nil {
		return err
	}
	k.groups[key] = true
	k.groupNames[groupName{key.Institution, key.Group}] = true
	return nil
}

// institution reads a cell that must name an institution of the bank.
func (c *cells) institution(column string, required bool) string {
	code := c.short(column, codeLength)
	if code == "" {
		if required {
			c.fault(column, "", "required", nil)
		}
		return ""
	}
	if _, known := c.run.known.institutions[code]; known {
		return code
	}
	code, known := c.listed(column, code, c.run.known.institutionList())
	if !known {
		c.fault(column, code, "unknown_institution", nil)
	}
	return code
}

// course reads a cell that must name a course of an institution.
func (c *cells) course(column, institution string, required bool) string {
	code := c.short(column, courseLength)
	if code == "" {
		if required {
			c.fault(column, "", "required", nil)
		}
		return ""
	}
	if _, known := c.run.known.institutions[institution]; !known {
		return code
	}
	if c.run.known.courses[transfer.CourseKey{Institution: institution, Code: code}] {
		return code
	}
	code, known := c.listed(column, code, c.run.known.courseList(institution))
	if !known {
		c.fault(column, code, "unknown_course", map[string]any{"Institution": institution})
	}
	return code
}

// programme reads a cell that must name a programme of an institution.
func (c *cells) programme(column, institution string, required bool) string {
	code := c.short(column, codeLength)
	if code == "" {
		if required {
			c.fault(column, "", "required", nil)
		}
		return ""
	}
	if _, known := c.run.known.institutions[institution]; !known {
		return code
	}
	code, known := c.listed(column, code, c.run.known.programmeList(institution))
	if !known {
		c.fault(column, code, "unknown_programme", map[string]any{"Institution": institution})
	}
	return code
}
